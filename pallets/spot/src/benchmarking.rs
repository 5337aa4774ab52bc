//! Benchmarks of every call.

use super::*;
use crate::{order::as_block, work::Budget};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use plimsoll_primitives::{
	Balance, CollateralId, InstrumentRegistry, OrderSide, Price, PriceOracle, SignedQuotes,
	SubAccountId, UsdValue,
};
use sp_runtime::{traits::Zero, Permill};

/// Sets up what lies outside the pallet. Panics where that fails.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// A collateral asset with a live price and a pool, and an account that has `amount` of it (which is
	/// returned) and nothing else.
	fn market() -> (CollateralId, SubAccountId<AccountId>, Balance);

	/// Another account, which has native funds, that amount, and cash that it is worth, at least.
	fn maker(seed: u32) -> SubAccountId<AccountId>;

	/// A new account that may trade for another one, and for which [`BenchmarkHelper::sign`] can sign.
	fn new_delegate(account: &SubAccountId<AccountId>) -> AccountId;

	/// A signature of that account over the 32 bytes, of the kind and in the form that take longest to check.
	fn sign(signer: &AccountId, hash: &[u8; 32]) -> Signature;
}

/// A thousandth of the asset as a lot, a hundredth as a tick.
fn terms<T: Config>(collateral: CollateralId) -> PairTerms {
	let asset = T::Registry::collateral(collateral).expect("it is listed");
	PairTerms {
		tick: Price::from_rational(1, 100),
		lot: 10u128.pow(u32::from(asset.decimals).saturating_sub(3)),
		minimum_value: UsdValue::ZERO,
		price_band: Permill::from_percent(50),
	}
}

/// Opens the pair, and says around what price it trades.
fn open<T: Config>(collateral: CollateralId) -> (PairTerms, u128) {
	let terms = terms::<T>(collateral);
	Pallet::<T>::do_set_pair(collateral, Some(terms)).expect("the terms are in order");
	let asset = T::Registry::collateral(collateral).expect("it is listed");
	let spot = T::Oracle::prices(asset.feed).expect("its feed is live").spot;
	(terms, spot.into_inner() / terms.tick.into_inner())
}

/// An order of so many lots that rests, at this many steps above the price around which the pair trades: each
/// level is the only one on its page.
fn order(
	collateral: CollateralId,
	(terms, middle): (PairTerms, u128),
	side: OrderSide,
	(lots, steps): (u32, u32),
) -> OrderTerms {
	let spacing = (middle / 256).clamp(1, 1_024);
	let ticks = middle + u128::from(steps) * spacing;
	OrderTerms {
		collateral,
		side,
		price: Price::from_inner(ticks * terms.tick.into_inner()),
		amount: terms.lot * Balance::from(lots),
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
	}
}

/// Has an order of an account rest.
fn rest<T: Config>(account: &SubAccountId<T::AccountId>, order: &OrderTerms) {
	let mut budget = Budget::<T>::new(0).expect("none are few");
	Pallet::<T>::do_place_order(account, order, &mut budget).expect("the account is rich");
}

/// A quote of an account of its own for a lot, a tenth above the price around which the pair trades.
fn signed_bid<T: Config>(
	collateral: CollateralId,
	(terms, middle): (PairTerms, u128),
	seed: u32,
) -> SignedQuoteOf<T> {
	let maker = T::BenchmarkHelper::maker(seed);
	let signer = T::BenchmarkHelper::new_delegate(&maker);
	let price = Price::from_inner((middle + middle / 10) * terms.tick.into_inner());
	let quote = MakerQuote {
		maker,
		signer: signer.clone(),
		taker: None,
		collateral,
		side: OrderSide::Buy,
		price,
		amount: terms.lot,
		expiry_block: 1 + as_block(frame_system::Pallet::<T>::block_number()),
		nonce: 1,
		genesis_hash: frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
	};
	let signature = T::BenchmarkHelper::sign(&signer, &quote.signing_hash());
	SignedQuote { quote, signature }
}

#[benchmarks]
mod benches {
	use super::*;

	/// Each quote is better than the pool.
	#[benchmark]
	fn swap(q: Linear<0, { T::MaxSwapQuotes::get() }>) {
		let (collateral, account, amount) = T::BenchmarkHelper::market();
		let pair = open::<T>(collateral);
		let quotes = (0..q).map(|seed| signed_bid::<T>(collateral, pair, seed)).collect::<Vec<_>>();
		let (terms, _) = pair;
		let sold = amount / 2 / terms.lot * terms.lot;
		let worst = Price::from_inner(1);
		let owner = RawOrigin::Signed(account.owner.clone());
		let is_good = |of: &&SignedQuoteOf<T>| T::Quotes::ensure_good(&account, &of.seal()).is_ok();
		assert_eq!(quotes.iter().filter(is_good).count(), q as usize);
		let brought = BoundedVec::truncate_from(quotes.clone());
		let taker = account.clone();

		#[extrinsic_call]
		_(owner, taker, collateral, OrderSide::Sell, sold, worst, true, brought);

		// All were taken.
		assert_eq!(quotes.iter().filter(is_good).count(), 0);
	}

	#[benchmark]
	fn place_order(f: Linear<0, { T::MaxFills::get() }>) {
		let (collateral, ..) = T::BenchmarkHelper::market();
		let pair = open::<T>(collateral);
		for step in 1..=f {
			let maker = T::BenchmarkHelper::maker(step);
			rest::<T>(&maker, &order(collateral, pair, OrderSide::Sell, (1, step)));
		}
		let taker = T::BenchmarkHelper::maker(0);
		let taking = order(collateral, pair, OrderSide::Buy, (f + 1, f + 1));
		let owner = RawOrigin::Signed(taker.owner.clone());

		#[extrinsic_call]
		_(owner, taker, taking, f);

		assert_eq!(Orders::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn cancel_order() {
		let (collateral, ..) = T::BenchmarkHelper::market();
		let pair = open::<T>(collateral);
		let maker = T::BenchmarkHelper::maker(0);
		rest::<T>(&maker, &order(collateral, pair, OrderSide::Sell, (1, 1)));
		let id = NextOrderId::<T>::get() - 1;
		let owner = RawOrigin::Signed(maker.owner.clone());

		#[extrinsic_call]
		_(owner, maker, id);

		assert_eq!(Orders::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn set_pair() -> Result<(), BenchmarkError> {
		let (collateral, ..) = T::BenchmarkHelper::market();
		let terms = terms::<T>(collateral);
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, collateral, Some(terms));

		assert_eq!(Pairs::<T>::get(collateral), Some(terms));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
