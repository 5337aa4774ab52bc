//! Benchmarks of the calls and of each part of the hook, in the largest state that there may be.

use super::*;
use crate::{
	listing_rule::MAX_STRIKES_EACH_SIDE,
	settlement::{Allowance, Progress},
};
use alloc::vec::Vec;
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	weights::{Weight, WeightMeter},
	BoundedBTreeMap, BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, oracle::MAX_EXPIRIES, Balance, CollateralId,
	CollateralTerms, CollateralTreatment, Contract, Contracts, Instrument, Moment, OptionKind,
	Price, PriceOracle, UnderlyingId,
};
use sp_runtime::{
	traits::{Bounded, TrailingZeroInput, Zero},
	Permill,
};

/// What holders of the settled instrument are funded with, settlement units.
const FUNDS: Balance = 1_000_000_000_000;

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn underlying_terms() -> UnderlyingTerms {
	UnderlyingTerms {
		name: BoundedVec::truncate_from(alloc::vec![b'n'; 32]),
		ticker: BoundedVec::truncate_from(alloc::vec![b't'; 8]),
		strike_step: Price::ONE,
		highest_strike: Price::from_u32(1_000_000),
		active: true,
	}
}

fn listing_terms() -> ListingTerms {
	ListingTerms {
		tick: Price::from_rational(1, 10),
		lot: Contracts::from_rational(1, 100),
		open_interest_cap: Contracts::from_u32(1_000_000),
	}
}

/// Chain time, and a registered underlying with a feed.
fn feed<T: Config>() -> UnderlyingId {
	let underlying = T::BenchmarkHelper::feed();
	Underlyings::<T>::insert(underlying, underlying_terms());
	underlying
}

/// The `number`th option of an expiry.
fn contract(expiry: Moment, number: u32) -> Contract {
	let strike = Price::from_u32(number.saturating_add(1));
	Contract::Option { expiry, strike, kind: OptionKind::Call }
}

/// Fills the calendar up to one entry, which `underlying` may still add. All of its other
/// expiries are later than chain time, all of the other underlyings' are `others_expire`.
fn fill_calendar<T: Config>(underlying: UnderlyingId, others_expire: Moment) {
	let stage = Stage::Trading;
	let mut calendar: Vec<PendingExpiry> = Vec::new();
	for number in 1..MAX_EXPIRIES {
		let expiry = Pallet::<T>::now().saturating_add(number.into());
		calendar.push(PendingExpiry { expiry, underlying, stage });
	}
	for other in 1..T::MaxUnderlyings::get() {
		let number = u16::try_from(other).expect("underlyings are numbered by 16 bits; qed");
		for number_of_expiry in 0..MAX_EXPIRIES {
			calendar.push(PendingExpiry {
				expiry: others_expire.saturating_add(number_of_expiry.into()),
				underlying: UnderlyingId(u16::MAX - number),
				stage,
			});
		}
	}
	calendar.sort_by_key(PendingExpiry::key);
	Calendar::<T>::put(BoundedVec::truncate_from(calendar));
}

/// Adds an expiry with `count` contracts to the calendar, behind a full one's back.
fn pend<T: Config>(pending: PendingExpiry, count: u32, retry_at: BlockNumberFor<T>) {
	let PendingExpiry { expiry, underlying, .. } = pending;
	let mut contracts = Vec::new();
	for number in 0..count {
		let contract = contract(expiry, number);
		Instruments::<T>::insert(
			Instrument { underlying, contract },
			Listing::from(listing_terms()),
		);
		contracts.push(QueuedContract { contract, retry_at });
	}
	ExpiryContracts::<T>::insert(underlying, expiry, BoundedVec::truncate_from(contracts));
	if pending.stage == Stage::Settling {
		SettlementPrices::<T>::insert(underlying, expiry, Price::from_u32(1_000));
	}
	Calendar::<T>::mutate(|calendar| {
		if let Err(at) = calendar::find(calendar, pending.key()) {
			calendar.try_insert(at, pending).expect("one place is left; qed");
		}
	});
}

/// A rule with as many expiries, and each with as many contracts, as there may be.
fn listing_rule<T: Config>() -> ListingRule {
	let most = T::MaxInstrumentsPerExpiry::get().saturating_sub(3) / 4;
	let strikes = u8::try_from(most).unwrap_or(u8::MAX).min(MAX_STRIKES_EACH_SIDE);
	let series =
		|count| Series { count, strikes_each_side: strikes, strike_step: Permill::from_percent(1) };
	ListingRule {
		daily: series(6),
		weekly: series(6),
		monthly: series(6),
		quarterly: series(6),
		options: listing_terms(),
		futures: Some(listing_terms()),
	}
}

/// Has every underlying that there can be a rule.
fn fill_rules<T: Config>(underlying: UnderlyingId) {
	let others = (0..u16::MAX).map(UnderlyingId).filter(|other| *other != underlying);
	let mut rules = BoundedBTreeMap::<_, _, T::MaxUnderlyings>::new();
	for known in core::iter::once(underlying).chain(others) {
		if rules.try_insert(known, listing_rule::<T>()).is_err() {
			break;
		}
	}
	ListingRules::<T>::put(rules);
}

/// An underlying that is not halted.
fn register<T: Config>() -> UnderlyingId {
	let underlying = UnderlyingId(u16::MAX);
	Underlyings::<T>::insert(underlying, underlying_terms());
	underlying
}

/// Halts all underlyings but one.
fn halt_others<T: Config>() {
	CurrentHalts::<T>::mutate(|halts| {
		for (other, _) in (1..).map(UnderlyingId).zip(1..T::MaxUnderlyings::get()) {
			halts.underlyings.try_push(other).expect("one place is left; qed");
		}
	});
}

/// More than any benchmark here uses.
fn unlimited<T: Config>() -> Allowance {
	Allowance { meter: WeightMeter::new(), holders: T::MaxSettlementsPerBlock::get() }
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_underlying() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = UnderlyingId(u16::MAX);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, underlying, underlying_terms());

		assert!(Underlyings::<T>::contains_key(underlying));
		Ok(())
	}

	#[benchmark]
	fn register_collateral() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let feed = feed::<T>();
		// Any asset but the settlement asset will do: this pallet only compares them.
		let asset = T::AssetId::decode(&mut TrailingZeroInput::zeroes())
			.map_err(|_| BenchmarkError::Stop("zeros decode to an asset"))?;
		if let Some(known) = CollateralAssets::<T>::take(&asset) {
			Collaterals::<T>::remove(known);
		}
		let collateral = CollateralId(u16::MAX);
		let terms = CollateralTerms {
			asset,
			decimals: 18,
			feed,
			treatment: CollateralTreatment::Haircut { haircut: Permill::from_percent(10) },
			deposit_cap: 1_000_000,
			minimum: 1,
		};

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, collateral, terms);

		assert!(Collaterals::<T>::contains_key(collateral));
		Ok(())
	}

	#[benchmark]
	fn list() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = feed::<T>();
		let now = Pallet::<T>::now();
		fill_calendar::<T>(underlying, now);
		// The oracle is as full as it gets: one window may be the feed's own, one is for the call.
		for number in 1..MAX_EXPIRIES.saturating_sub(1) {
			let expiry = now.saturating_add(number.into());
			T::Oracle::open_settlement_window(underlying, expiry)
				.map_err(|_| BenchmarkError::Stop("the oracle has room for all expiries"))?;
		}
		let expiry = now.saturating_add(T::MaxTenor::get());
		let instrument = Instrument { underlying, contract: contract(expiry, 0) };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument, listing_terms());

		assert!(Instruments::<T>::contains_key(instrument));
		Ok(())
	}

	#[benchmark]
	fn set_open_interest_cap() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let instrument = Instrument::perpetual(feed::<T>());
		Instruments::<T>::insert(instrument, Listing::from(listing_terms()));
		let cap = Contracts::from_u32(7);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument, cap);

		assert!(Instruments::<T>::get(instrument).is_some_and(|l| l.open_interest_cap == cap));
		Ok(())
	}

	#[benchmark]
	fn set_close_only() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let instrument = Instrument::perpetual(feed::<T>());
		Instruments::<T>::insert(instrument, Listing::from(listing_terms()));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument, true);

		assert!(Instruments::<T>::get(instrument).is_some_and(|l| l.close_only));
		Ok(())
	}

	/// All underlyings but one are halted.
	#[benchmark]
	fn halt() -> Result<(), BenchmarkError> {
		let origin =
			T::HaltOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let underlying = register::<T>();
		halt_others::<T>();

		#[extrinsic_call]
		_(
			origin as T::RuntimeOrigin,
			HaltScope::Underlying(underlying),
			HaltReason::DisorderlyMarket,
		);

		assert!(CurrentHalts::<T>::get().stop(underlying));
		Ok(())
	}

	#[benchmark]
	fn resume() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = register::<T>();
		halt_others::<T>();
		let scope = HaltScope::Underlying(underlying);
		Pallet::<T>::do_halt(scope, HaltReason::DisorderlyMarket)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, scope);

		assert!(!CurrentHalts::<T>::get().stop(underlying));
		Ok(())
	}

	#[benchmark]
	fn set_price_band() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let instrument = Instrument::perpetual(feed::<T>());
		Instruments::<T>::insert(instrument, Listing::from(listing_terms()));
		let band = Some(Permill::from_percent(1));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument, band);

		assert!(Instruments::<T>::get(instrument).is_some_and(|l| l.price_band == band));
		Ok(())
	}

	#[benchmark]
	fn delist() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = feed::<T>();
		let expiry = Pallet::<T>::now();
		fill_calendar::<T>(underlying, expiry);
		T::Oracle::open_settlement_window(underlying, expiry)
			.map_err(|_| BenchmarkError::Stop("the oracle has room for all expiries"))?;
		pend::<T>(PendingExpiry { expiry, underlying, stage: Stage::Settling }, 1, Zero::zero());
		let instrument = Instrument { underlying, contract: contract(expiry, 0) };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument);

		assert!(!Instruments::<T>::contains_key(instrument));
		assert!(!SettlementPrices::<T>::contains_key(underlying, expiry));
		Ok(())
	}

	#[benchmark]
	fn set_settlement_price() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = feed::<T>();
		let expiry = Pallet::<T>::now();
		fill_calendar::<T>(underlying, expiry);
		pend::<T>(PendingExpiry { expiry, underlying, stage: Stage::Trading }, 1, Zero::zero());
		let price = Price::from_u32(1_000);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, underlying, expiry, price);

		assert_eq!(SettlementPrices::<T>::get(underlying, expiry), Some(price));
		Ok(())
	}

	#[benchmark]
	fn on_initialize_idle() -> Result<(), BenchmarkError> {
		let underlying = feed::<T>();
		fill_calendar::<T>(underlying, Moment::MAX / 2);
		let used;

		#[block]
		{
			used = Pallet::<T>::settle_due(Weight::zero());
		}

		assert_eq!(used, T::WeightInfo::on_initialize_idle());
		Ok(())
	}

	#[benchmark]
	fn on_initialize_due() -> Result<(), BenchmarkError> {
		let underlying = feed::<T>();
		let now = Pallet::<T>::now();
		fill_calendar::<T>(underlying, 1);
		let expired = PendingExpiry { expiry: 0, underlying, stage: Stage::Settling };
		pend::<T>(expired, 0, Zero::zero());
		// An expiry without contracts has the first turn and is closed, so that the calendar is
		// written; then the allowance ends the block.
		Cursor::<T>::put((Moment::MAX, underlying));
		let mut allowance =
			Allowance { meter: WeightMeter::with_limit(T::WeightInfo::visit_expiry()), holders: 1 };

		#[block]
		{
			let calendar = Calendar::<T>::get();
			let due = calendar.partition_point(|pending| pending.expiry <= now);
			Pallet::<T>::take_turns(calendar, now, due, &mut allowance);
		}

		assert!(calendar::find(&Calendar::<T>::get(), expired.key()).is_err());
		assert!(Cursor::<T>::exists());
		Ok(())
	}

	/// Where the average is there, it is not asked for again: asking and fixing together are more
	/// than either outcome does.
	#[benchmark]
	fn seek_settlement_price() -> Result<(), BenchmarkError> {
		let underlying = feed::<T>();
		let expiry = Pallet::<T>::now();
		T::Oracle::open_settlement_window(underlying, expiry)
			.map_err(|_| BenchmarkError::Stop("the oracle has room for all expiries"))?;
		let mut pending = PendingExpiry { expiry, underlying, stage: Stage::Trading };

		#[block]
		{
			Pallet::<T>::seek_price(&mut pending);
			Pallet::<T>::fix_price(&mut pending, Price::ONE, PriceSource::Average);
		}

		assert_eq!(SettlementPrices::<T>::get(underlying, expiry), Some(Price::ONE));
		Ok(())
	}

	/// Every contract waits, so that the whole queue is gone through and nothing settled; then
	/// the expiry is closed, as if nothing were left.
	#[benchmark]
	fn visit_expiry() -> Result<(), BenchmarkError> {
		let underlying = feed::<T>();
		let expiry = Pallet::<T>::now();
		T::Oracle::open_settlement_window(underlying, expiry)
			.map_err(|_| BenchmarkError::Stop("the oracle has room for all expiries"))?;
		let mut pending = PendingExpiry { expiry, underlying, stage: Stage::Settling };
		pend::<T>(pending, T::MaxInstrumentsPerExpiry::get(), Bounded::max_value());
		let mut allowance = unlimited::<T>();

		#[block]
		{
			let _ = Pallet::<T>::take_turn(&mut pending, &mut allowance);
			Pallet::<T>::close_expiry(underlying, expiry);
		}

		assert!(!ExpiryContracts::<T>::contains_key(underlying, expiry));
		Ok(())
	}

	#[benchmark]
	fn settle_instrument(
		n: Linear<0, { T::MaxSettlementsPerBlock::get() }>,
	) -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::feed();
		let instruments: Vec<_> =
			T::BenchmarkHelper::instruments(2).into_iter().skip(1).take(1).collect();
		let instrument =
			*instruments.first().ok_or(BenchmarkError::Stop("there are two instruments"))?;
		// One short against n − 1 long; a single holder can't be, so one of two is left then.
		let short = T::BenchmarkHelper::sub_account(0, FUNDS);
		for number in 1..n.max(u32::from(n > 0).saturating_mul(2)) {
			let long = T::BenchmarkHelper::sub_account(number, FUNDS);
			T::BenchmarkHelper::open(&long, &short, &instruments);
		}
		let price = Price::from_u32(1_000);
		if let Some(expiry) = instrument.expiry() {
			SettlementPrices::<T>::insert(instrument.underlying, expiry, price);
		}
		let mut allowance = Allowance { holders: n.max(1), ..unlimited::<T>() };
		let progress;

		#[block]
		{
			progress = Pallet::<T>::settle_instrument(&instrument, price, &mut allowance);
		}

		assert!(matches!(progress, Progress::Done) || n == 1);
		Ok(())
	}

	#[benchmark]
	fn set_funding() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = feed::<T>();
		let params = FundingParams { smoothing: funding::SHORTEST_SMOOTHING, ..Default::default() };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, underlying, params);

		assert_eq!(FundingSettings::<T>::get(underlying), params);
		Ok(())
	}

	/// All of them have a price, parameters of their own that charge interest, and a mark that goes back to
	/// the price, since their books are empty.
	#[benchmark]
	fn accrue_funding(n: Linear<0, { T::MaxUnderlyings::get() }>) -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::feed();
		let interest = sp_runtime::FixedI128::from_inner(100_000_000_000_000);
		let mark_premium = sp_runtime::FixedI128::from_inner(1_000_000_000_000_000);
		let perpetuals: Vec<_> =
			(0..n).filter_map(|id| u16::try_from(id).ok()).map(UnderlyingId).collect();
		for underlying in &perpetuals {
			let params = FundingParams { interest, ..Default::default() };
			FundingSettings::<T>::insert(underlying, params);
		}
		Funding::<T>::put(BoundedVec::truncate_from(
			perpetuals
				.into_iter()
				.map(|underlying| PerpetualFunding {
					mark_premium,
					..PerpetualFunding::new(underlying)
				})
				.collect(),
		));
		FundingAt::<T>::put(Pallet::<T>::now().saturating_sub(6_000));

		#[block]
		{
			Pallet::<T>::accrue_funding();
		}

		let all = Funding::<T>::get();
		assert!(n == 0 || all.iter().any(|funding| !funding.index.is_zero()));
		assert!(all.iter().all(|funding| funding.mark_premium < mark_premium));
		Ok(())
	}

	#[benchmark]
	fn set_listing_rule() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let underlying = feed::<T>();
		fill_rules::<T>(underlying);
		let refused = |number: u32| (underlying, Moment::from(number));
		let refusals: Vec<_> = (0..MAX_EXPIRIES).map(refused).collect();
		ListingRefusals::<T>::put(BoundedVec::truncate_from(refusals));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, underlying, Some(listing_rule::<T>()));

		assert!(ListingRefusals::<T>::get().is_empty());
		Ok(())
	}

	#[benchmark]
	fn listing_rests() -> Result<(), BenchmarkError> {
		fill_rules::<T>(feed::<T>());
		ListingRound::<T>::put(Round { after: None, rests_until: Bounded::max_value() });
		let used;

		#[block]
		{
			used = Pallet::<T>::keep_rules(Default::default());
		}

		assert_eq!(used, T::WeightInfo::listing_rests());
		Ok(())
	}

	/// The expiry has all that it should have, of which nothing was so far; the round goes on from
	/// another underlying's last expiry.
	#[benchmark]
	fn visit_listing_rule() -> Result<(), BenchmarkError> {
		let underlying = feed::<T>();
		fill_rules::<T>(underlying);
		let now = Pallet::<T>::now();
		let turn = |after| Pallet::<T>::next_turn(after, now);
		let before = underlying.0.checked_sub(1).map(|number| (UnderlyingId(number), Moment::MAX));
		let expiry = turn(before).ok_or(BenchmarkError::Stop("an expiry stands"))?.key();
		// Contracts that the rule does not ask for are looked through in vain, the others found last.
		let mut meter = WeightMeter::new();
		while !turn(before).is_some_and(|turn| Pallet::<T>::take_rule_turn(turn, &mut meter)) {}
		ExpiryContracts::<T>::mutate(expiry.0, expiry.1, |contracts| {
			let mut others = Vec::new();
			let room = T::MaxInstrumentsPerExpiry::get();
			for number in 0..room.saturating_sub(u32::try_from(contracts.len()).unwrap_or(room)) {
				let contract = contract(expiry.1, number);
				others.push(QueuedContract { contract, retry_at: Zero::zero() });
			}
			others.extend(contracts.iter().copied());
			*contracts = BoundedVec::truncate_from(others);
		});
		ListingRefusals::<T>::put(BoundedVec::truncate_from(alloc::vec![expiry]));
		ListingRound::<T>::put(Round { after: before, rests_until: Zero::zero() });

		#[block]
		{
			Pallet::<T>::keep_rules(Default::default());
		}

		let round = ListingRound::<T>::get();
		assert_eq!(round.and_then(|round| round.after), Some(expiry));
		assert!(!ListingRefusals::<T>::exists());
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::build(crate::mock::ExtBuilder::genesis()),
		crate::mock::Test,
	);
}
