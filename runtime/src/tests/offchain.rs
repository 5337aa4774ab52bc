//! Transactions that offchain workers make.

use crate::{Runtime, RuntimeCall, System};
use codec::Encode;
use frame_system::offchain::CreateAuthorizedTransaction;
use pallet_liquidation::Call;
use plimsoll_primitives::SubAccountId;
use sp_keyring::Sr25519Keyring::Alice;

/// A nomination as a worker makes it in this block.
fn nomination(block: u32) -> Vec<u8> {
	System::set_block_number(block);
	let account = SubAccountId::new(Alice.to_account_id(), 0);
	let call = RuntimeCall::from(Call::<Runtime>::nominate { account });
	<Runtime as CreateAuthorizedTransaction<Call<Runtime>>>::create_authorized_transaction(call)
		.encode()
}

#[test]
fn nomination_is_the_same_for_all_workers_of_a_block_and_another_in_the_next() {
	sp_io::TestExternalities::default().execute_with(|| {
		assert_eq!(nomination(7), nomination(7));
		assert_ne!(nomination(7), nomination(8));
	});
}
