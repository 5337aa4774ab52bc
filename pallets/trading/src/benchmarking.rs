//! Benchmarks of every call and hook.

use super::*;
use crate::benchmark_helper::BenchmarkHelper;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, BoundedVec};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, Balance, Fill, Instrument, InstrumentRegistry, SubAccountId,
};
use sp_runtime::{
	traits::{One, Zero},
	SaturatedConversion,
};

/// Settlement units that carry any of the benchmark's positions: a billion USD at six decimals.
const CASH: Balance = 1_000_000_000_000_000;

fn account_of<T: Config>(seed: u32) -> SubAccountId<T::AccountId> {
	T::BenchmarkHelper::sub_account(seed, CASH)
}

/// The least that may be traded of an instrument, at the least price.
fn smallest_fill<T: Config>(instrument: Instrument) -> Fill {
	let terms = T::Registry::tradable(&instrument)
		.expect("the environment's instruments are tradable; qed");
	Fill { instrument, size: terms.lot, price: terms.tick }
}

/// A quote over `instruments` from `maker` to `taker`, signed as wallets sign: that takes two
/// verifications, since the plain form is tried first.
fn signed_quote<T: Config>(
	maker: SubAccountId<T::AccountId>,
	taker: &SubAccountId<T::AccountId>,
	instruments: &[Instrument],
) -> (QuoteOf<T>, T::Signature) {
	let signer = T::BenchmarkHelper::new_signer();
	T::BenchmarkHelper::add_delegate(&maker, &signer);
	let now = frame_system::Pallet::<T>::block_number();
	let legs = instruments.iter().copied().map(smallest_fill::<T>).collect::<Vec<_>>();
	let quote = QuoteOf::<T> {
		maker,
		signer: signer.clone(),
		taker: Some(taker.owner.clone()),
		legs: BoundedVec::truncate_from(legs),
		expiry_block: now + One::one(),
		nonce: 1,
		genesis_hash: frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
	};
	let signature = T::BenchmarkHelper::sign(&signer, &quote::wrapped(&quote.signing_hash()));
	(quote, signature)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Both sides trade through delegates and end up with as many positions as they may hold, all
	/// of the trade's being new.
	#[benchmark]
	fn block_trade(l: Linear<1, { T::MaxLegs::get() }>) {
		T::BenchmarkHelper::feed();
		let maximum = T::BenchmarkHelper::max_positions();
		let instruments = T::BenchmarkHelper::instruments(maximum);
		let (held, traded) = instruments.split_at((maximum - l).saturated_into());

		let (taker, maker) = (account_of::<T>(1), account_of::<T>(2));
		T::BenchmarkHelper::open(&taker, &maker, held);
		let caller: T::AccountId = whitelisted_caller();
		T::BenchmarkHelper::add_delegate(&taker, &caller);
		MinimumNonce::<T>::insert(&maker, 1);
		let (quote, signature) = signed_quote::<T>(maker.clone(), &taker, traded);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), taker, quote, signature);

		assert!(UsedNonces::<T>::contains_key(maker, 1));
	}

	#[benchmark]
	fn cancel_quotes() {
		let caller: T::AccountId = whitelisted_caller();
		let maker = SubAccountId::new(caller.clone(), 0);
		MinimumNonce::<T>::insert(&maker, 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0, u64::MAX);

		assert_eq!(MinimumNonce::<T>::get(maker), u64::MAX);
	}

	/// Every step removes a nonce: that is dearer than passing a block.
	#[benchmark]
	fn on_initialize(s: Linear<0, { T::MaxPrunedPerBlock::get() }>) {
		let kept_through = frame_system::Pallet::<T>::block_number() + T::MaxQuoteLifetime::get();
		PruneCursor::<T>::put(kept_through);
		for seed in 0..s {
			let maker = SubAccountId::new(account("maker", seed, 0), 0);
			Pallet::<T>::use_nonce(&maker, 1);
		}
		let now = kept_through + One::one();

		#[block]
		{
			Pallet::<T>::prune_nonces(now, s);
		}

		assert_eq!(UsedNonces::<T>::iter().count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::build(), crate::mock::Test);
}
