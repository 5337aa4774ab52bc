//! Benchmarks of this pallet's own work, in the worst case that the configuration allows: with a
//! full queue and all providers. Work of the ledger is not in them (see [`crate::weights`]): where a
//! call or a step evaluates, moves or trades, what is measured is what the pallet does around it,
//! with a health made up for it. The two listings, for which the ledger gives no weight, are
//! measured with the real ledger.

use super::*;
use crate::{
	closing::HOLDER_PAGE,
	entry::{empty, shortfall},
	provider::Provider,
	queue::{sort, Liquidation, Queued, Stall},
	round::{Round, SWEEP_PAGE},
	visit::{note_stall, Outcome, Visit},
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::TransactionSource,
	storage::with_storage_layer,
	traits::{EnsureOrigin, Get},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{Pallet as System, RawOrigin};
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, Contracts, Health, Instrument, LiquidationLedger,
	UnderlyingId, UsdValue,
};
use sp_arithmetic::{Permill, Perquintill};
use sp_runtime::DispatchError;

/// An account below its margin at live feeds, worse than all in [`fill_queue`].
fn below_margin() -> Health {
	Health { maintenance_margin: UsdValue::from_u32(1_000), positions: 1, ..empty() }
}

fn sub_account<T: Config>(name: &'static str, index: u32) -> AccountOf<T> {
	SubAccountId::new(account(name, index, 0), 0)
}

/// Fills the queue with accounts that lack little. Returns the last of them.
fn fill_queue<T: Config>() -> AccountOf<T> {
	let mut queue = BoundedVec::new();
	let now = System::<T>::block_number();
	for index in 0..T::MaxQueue::get() {
		let account = sub_account::<T>("queued", index);
		let place = Queued { account: account.clone(), shortfall: UsdValue::ONE, served: false };
		queue.try_push(place).expect("within its bound; qed");
		let state = Liquidation::new(now, UsdValue::from_u32(1_000));
		Liquidations::<T>::insert(account, state);
	}
	let last = queue.last().expect("the queue has a place; qed").account.clone();
	Queue::<T>::put(queue);
	last
}

fn some_terms() -> ProviderTerms {
	ProviderTerms { minimum_discount: Permill::zero(), maximum_slice: UsdValue::from_u32(1_000) }
}

/// Lists `count` providers. Returns the last of them.
fn list_providers<T: Config>(count: u32) -> Option<AccountOf<T>> {
	let mut providers = BoundedVec::new();
	for index in 0..count {
		let account = sub_account::<T>("provider", index);
		providers
			.try_push(Provider { account, terms: some_terms() })
			.expect("within its bound; qed");
	}
	let last = providers.last().map(|provider: &Provider<T::AccountId>| provider.account.clone());
	Providers::<T>::put(providers);
	last
}

/// A block's pass with a budget that never ends.
fn round<T: Config>() -> Round<T> {
	Round::<T>::load(System::<T>::block_number(), WeightMeter::new())
}

fn visit_to<'a, T: Config>(round: &'a mut Round<T>, account: AccountOf<T>) -> Visit<'a, T> {
	let state = Liquidations::<T>::get(&account).expect("it is queued; qed");
	let health = below_margin();
	Visit { round, account, state, health, traded: false, unvalued: false }
}

fn assert_last_event<T: Config>(event: Event<T>) {
	System::<T>::assert_last_event(<T as frame_system::Config>::RuntimeEvent::from(event));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A nominated account takes a place in a full queue.
	#[benchmark]
	fn nominate() -> Result<(), BenchmarkError> {
		fill_queue::<T>();
		let nominee = sub_account::<T>("nominee", 0);
		let favourable = below_margin();

		#[block]
		{
			Pallet::<T>::enqueue_nominated(nominee.clone(), &favourable)?;
		}

		assert!(Liquidations::<T>::contains_key(nominee));
		Ok(())
	}

	/// A nomination is judged against a full queue.
	#[benchmark]
	fn authorize_nominate() -> Result<(), BenchmarkError> {
		fill_queue::<T>();
		let nominee = sub_account::<T>("nominee", 0);
		let favourable = below_margin();
		// That the call really authorises itself in this way, on an account the ledger does not know.
		let call = Call::<T>::nominate { account: nominee.clone() };
		use frame_support::traits::Authorize;
		assert!(matches!(call.authorize(TransactionSource::External), Some(Err(_))));
		let valid;

		#[block]
		{
			valid = !Liquidations::<T>::contains_key(&nominee)
				&& Pallet::<T>::authorize_evaluated(&nominee, &favourable).is_ok();
		}

		assert!(valid);
		Ok(())
	}

	/// One whose account is gone makes room in a full list.
	#[benchmark]
	fn opt_in() -> Result<(), BenchmarkError> {
		list_providers::<T>(T::MaxProviders::get());
		let provider = sub_account::<T>("newcomer", 0);
		let equity = Params::<T>::get().minimum_provider_equity;

		#[block]
		{
			Pallet::<T>::make_room_for(&provider);
			Pallet::<T>::add_provider(provider.clone(), some_terms(), equity)?;
		}

		assert_last_event::<T>(Event::ProviderOptedIn { provider, terms: some_terms() });
		Ok(())
	}

	/// The last of all providers leaves.
	#[benchmark]
	fn opt_out() -> Result<(), BenchmarkError> {
		let provider = list_providers::<T>(T::MaxProviders::get()).ok_or("no place")?;
		let caller = provider.owner.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), provider.number);

		assert_last_event::<T>(Event::ProviderOptedOut { provider });
		Ok(())
	}

	#[benchmark]
	fn set_params() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| "there is no such origin")?;
		let params = LiquidationParams { grace_blocks: 7, ..Default::default() };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, params.clone());

		assert_last_event::<T>(Event::ParamsSet { params });
		Ok(())
	}

	/// All that the hook reads, sorts and writes in any block.
	#[benchmark]
	fn hook() -> Result<(), BenchmarkError> {
		fill_queue::<T>();
		list_providers::<T>(T::MaxProviders::get());
		SweepCursor::<T>::put(sub_account::<T>("swept", 0));

		#[block]
		{
			let _ = System::<T>::remaining_block_weight();
			let mut round = round::<T>();
			sort(round.queue.as_mut());
			round.store();
		}

		assert_eq!(Queue::<T>::decode_len(), usize::try_from(T::MaxQueue::get()).ok());
		Ok(())
	}

	/// A page of the sweep, with the ledger.
	#[benchmark]
	fn list_accounts(n: Linear<1, SWEEP_PAGE>) -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::feed();
		for seed in 0..n {
			T::BenchmarkHelper::sub_account(seed, 1_000_000_000);
		}
		let listed: Vec<AccountOf<T>>;

		#[block]
		{
			listed = T::Ledger::accounts_after(None, n);
		}

		assert_eq!(u32::try_from(listed.len()), Ok(n));
		Ok(())
	}

	/// An account that the sweep found takes a place in a full queue.
	#[benchmark]
	fn sweep_account() -> Result<(), BenchmarkError> {
		fill_queue::<T>();
		let mut round = round::<T>();
		let found = sub_account::<T>("found", 0);
		let favourable = below_margin();

		#[block]
		{
			if !round.is_queued(&found) {
				round.enter(&found, &favourable);
			}
		}

		assert!(round.is_queued(&found));
		Ok(())
	}

	/// A visit to the last account of a full queue, in which much is reported: the reading and
	/// writing of what is known of it, the choice among all providers, and its way back.
	#[benchmark]
	fn visit() -> Result<(), BenchmarkError> {
		let account = fill_queue::<T>();
		list_providers::<T>(T::MaxProviders::get());
		let mut round = round::<T>();
		let candidates: Vec<AccountOf<T>>;

		#[block]
		{
			let mut turn = visit_to(&mut round, account.clone());
			(candidates, _) = turn.candidates(Permill::from_percent(50));
			note_stall::<T>(&account, &mut turn.state, Some(Stall::Grace));
			Pallet::<T>::deposit_event(Event::OrdersCancelled {
				account: account.clone(),
				count: 1,
				are_left: true,
			});
			Pallet::<T>::deposit_event(Event::FeeCharged { account: account.clone(), fee: 1 });
			Pallet::<T>::deposit_event(Event::DeleveragingStarted {
				account: account.clone(),
				equity: UsdValue::ONE,
				maintenance_margin: UsdValue::ONE,
				healthy_blocks: 1,
			});
			let lacking = shortfall(&turn.health);
			Liquidations::<T>::insert(&account, turn.state);
			round.conclude(&account, Outcome::Stays(Some(lacking)));
		}

		assert!(!candidates.is_empty());
		Ok(())
	}

	/// What is done around a slice that the last of all providers takes.
	#[benchmark]
	fn auction_slice() -> Result<(), BenchmarkError> {
		let account = fill_queue::<T>();
		let provider = list_providers::<T>(T::MaxProviders::get()).ok_or("no place")?;
		let share = Perquintill::from_percent(1);
		let event = Event::SliceTaken {
			account: account.clone(),
			provider: provider.clone(),
			share,
			price: -1,
			discount: Permill::one(),
		};
		let mut round = round::<T>();
		let mut turn = visit_to(&mut round, account);

		#[block]
		{
			with_storage_layer(|| -> Result<(), DispatchError> {
				Pallet::<T>::deposit_event(event.clone());
				Ok(())
			})?;
			turn.note_slice(&provider, share, -1);
		}

		assert_eq!(turn.state.fund_paid, 1);
		assert_last_event::<T>(event);
		Ok(())
	}

	/// A page of holders, with the ledger.
	#[benchmark]
	fn list_holders(n: Linear<1, HOLDER_PAGE>) -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::feed();
		let instruments: Vec<Instrument> = T::BenchmarkHelper::instruments(1);
		// Each pair adds two holders.
		for pair in 0..n.div_ceil(2) {
			let seed = pair.saturating_mul(2);
			let long = T::BenchmarkHelper::sub_account(seed, 1_000_000_000_000);
			let short = T::BenchmarkHelper::sub_account(seed.saturating_add(1), 1_000_000_000_000);
			T::BenchmarkHelper::open(&long, &short, &instruments);
		}
		let instrument = instruments.first().ok_or("no instrument")?;
		let listed: Vec<AccountOf<T>>;

		#[block]
		{
			listed = T::Ledger::holders_after(instrument, None, n);
		}

		assert_eq!(u32::try_from(listed.len()), Ok(n));
		Ok(())
	}

	/// What is done around a trade at mark.
	#[benchmark]
	fn deleverage_trade() -> Result<(), BenchmarkError> {
		let event = Event::HedgeBroken {
			account: sub_account::<T>("account", 0),
			counterparty: sub_account::<T>("counterparty", 0),
			instrument: Instrument::perpetual(UnderlyingId(0)),
			size: Contracts::ONE,
		};

		#[block]
		{
			with_storage_layer(|| -> Result<(), DispatchError> {
				Pallet::<T>::deposit_event(event.clone());
				Ok(())
			})?;
		}

		assert_last_event::<T>(event);
		Ok(())
	}

	/// What is known of an account that leaves is forgotten.
	#[benchmark]
	fn close() -> Result<(), BenchmarkError> {
		let account = fill_queue::<T>();
		let mut round = round::<T>();
		let event = Event::Closed {
			account: account.clone(),
			collateral_bought: 1,
			paid_by_fund: 1,
			shared: 1,
		};

		#[block]
		{
			with_storage_layer(|| -> Result<(), DispatchError> { Ok(()) })?;
			Liquidations::<T>::remove(&account);
			Pallet::<T>::deposit_event(event.clone());
			round.conclude(&account, Outcome::Leaves);
		}

		assert!(!round.is_queued(&account));
		assert_last_event::<T>(event);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
