use crate::{
	check_feeder::{CheckFeeder, NOT_OPERATOR},
	mock::*,
};
use frame_support::dispatch::DispatchInfo;
use sp_runtime::{
	traits::DispatchTransaction,
	transaction_validity::{InvalidTransaction, TransactionPriority, TransactionSource},
};

fn priority(who: RuntimeOrigin, call: RuntimeCall) -> Result<u64, u8> {
	CheckFeeder::<Test>::new()
		.validate_only(who, &call, &DispatchInfo::default(), 0, TransactionSource::External, 0)
		.map(|(valid, ..)| valid.priority)
		.map_err(|refusal| match refusal {
			sp_runtime::transaction_validity::TransactionValidityError::Invalid(
				InvalidTransaction::Custom(code),
			) => code,
			other => panic!("{other:?}"),
		})
}

fn batch() -> RuntimeCall {
	RuntimeCall::Oracle(crate::Call::submit { observations: Default::default() })
}

#[test]
fn batch_of_an_operator_comes_before_everything() {
	ExtBuilder::build_and_execute(|| {
		let operator = RuntimeOrigin::signed(ALICE);
		assert_eq!(priority(operator, batch()), Ok(TransactionPriority::MAX));
	});
}

#[test]
fn batch_of_anyone_else_never_enters_the_pool() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(priority(RuntimeOrigin::signed(STRANGER), batch()), Err(NOT_OPERATOR));
		assert_eq!(priority(RuntimeOrigin::none(), batch()), Err(NOT_OPERATOR));
	});
}

#[test]
fn other_calls_are_left_alone() {
	ExtBuilder::build_and_execute(|| {
		let call = || RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
		assert_eq!(priority(RuntimeOrigin::signed(STRANGER), call()), Ok(0));
		assert_eq!(priority(RuntimeOrigin::signed(ALICE), call()), Ok(0));
	});
}
