//! Benchmarks of every call and hook.

use super::*;
use crate::{check_feeder::CheckFeeder, types::ABSURD_PRICE};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{ChangeMembers, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Moment, Price, Rate, Svi, UnderlyingId};
use sp_arithmetic::FixedI128;
use sp_runtime::SaturatedConversion;

/// What this pallet's benchmarks need of the rest of the runtime.
pub trait BenchmarkHelper<AccountId> {
	/// Makes these accounts, and no others, the operators.
	fn set_operators(operators: &[AccountId]);
	/// Sets chain time.
	fn set_time(now: Moment);
}

/// Chain time of the benchmarks.
const NOW: Moment = 1_700_000_000_000;
/// From one expiry to the next: a week.
const WEEK: Moment = 7 * 24 * 60 * 60 * 1000;

/// When operators report.
#[derive(Clone, Copy)]
enum Round {
	/// At first.
	First,
	/// So much later that everything has gone stale, and on prices and rates so far from the first
	/// that they are stepped: every value comes back and moves by a block's limit, two events each.
	Second,
}

impl Round {
	const fn at(self) -> Moment {
		match self {
			Self::First => NOW,
			Self::Second => NOW + 2 * 60 * 60 * 1000,
		}
	}

	/// What an operator reports as price; each something else.
	fn price(self, operator: u32) -> Price {
		let whole = match self {
			Self::First => 1_000,
			Self::Second => 2_000,
		};
		// As many units of 1e-18 as the operator's number.
		Price::from_inner(Price::from_u32(whole).into_inner().saturating_add(u128::from(operator)))
	}

	/// What an operator reports as rate; each something else.
	fn rate(self, operator: u32) -> Rate {
		let whole = match self {
			Self::First => Rate::from_u32(0),
			Self::Second => Rate::from_u32(1),
		};
		Rate::from_inner(whole.into_inner().saturating_add(i128::from(operator)))
	}

	/// What every operator reports as the settlement asset's price.
	fn settlement_asset(self) -> Price {
		match self {
			Self::First => Price::ONE,
			Self::Second => Price::from_rational(3, 2),
		}
	}
}

fn expiry(index: u32) -> Moment {
	NOW.saturating_add(WEEK.saturating_mul(Moment::from(index).saturating_add(1)))
}

fn thousandths(count: u32) -> FixedI128 {
	FixedI128::from_inner(i128::from(count) * 1_000_000_000_000_000)
}

/// A surface free of arbitrage, above every one of a lower index.
fn slice(index: u32) -> Svi {
	Svi {
		a: thousandths(index + 1),
		b: thousandths(20),
		rho: FixedI128::from_inner(-thousandths(300).into_inner()),
		m: thousandths(0),
		sigma: thousandths(100),
	}
}

/// A surface free of arbitrage, at the money where [`slice`] of this index is, but with flat wings:
/// it crosses that of the index before. The dearest case, since then the last one is shifted to its
/// level. The first is that of `slice`.
fn flat_slice(index: u32) -> Svi {
	match index {
		0 => slice(0),
		// a + b·sigma: 1.9 + 0.1 thousandths above the level of `slice`, whose b·sigma is 2.
		_ => Svi {
			a: FixedI128::from_inner(slice(index).a.into_inner() + 1_900_000_000_000_000),
			b: thousandths(1),
			..slice(index)
		},
	}
}

/// A chain with a time, as of which it has aggregated, where a single operator's word is enough.
fn prepare<T: Config>() {
	T::BenchmarkHelper::set_time(NOW);
	AggregatedAt::<T>::put(NOW);
	Params::<T>::put(OracleParams { quorum: 1, ..Default::default() });
}

fn add_feeds<T: Config>(count: u32) -> Vec<UnderlyingId> {
	let feed = FeedParams { min: Price::from_inner(1), max: ABSURD_PRICE };
	Feeds::<T>::kill();
	let underlyings: Vec<_> =
		(0..count).map(|index| UnderlyingId(index.saturated_into())).collect();
	for underlying in &underlyings {
		Pallet::<T>::set_feed(RawOrigin::Root.into(), *underlying, feed)
			.expect("there is room for a feed");
	}
	underlyings
}

fn set_operators<T: Config>(count: u32) -> Vec<T::AccountId> {
	let operators: Vec<_> = (0..count).map(|index| account("operator", index, 0)).collect();
	T::BenchmarkHelper::set_operators(&operators);
	operators
}

/// What an operator says of `expiries` expiries; each operator something else.
fn values(operator: u32, expiries: u32, round: Round, surface: fn(u32) -> Svi) -> OperatorValues {
	let (price, at) = (round.price(operator), round.at());
	let expiries = (0..expiries).map(|index| ExpiryValues {
		expiry: expiry(index),
		forward: Some(Stamped { value: price, at }),
		rate: Some(Stamped { value: round.rate(operator), at }),
		surface: Some(Stamped { value: surface(index), at }),
	});
	OperatorValues {
		spot: Some(Stamped { value: price, at }),
		expiries: BoundedVec::truncate_from(expiries.collect()),
	}
}

fn report<T: Config>(
	underlying: UnderlyingId,
	operators: &[T::AccountId],
	expiries: u32,
	round: Round,
	surface: fn(u32) -> Svi,
) {
	for (index, operator) in operators.iter().enumerate() {
		let values = values(index.saturated_into(), expiries, round, surface);
		Values::<T>::insert(underlying, operator, values);
		let price = Stamped { value: round.settlement_asset(), at: round.at() };
		SettlementAssetValues::<T>::insert(operator, price);
	}
}

/// A feed that comes back: all that was known of it has gone stale, and every operator reports, on
/// spot and on `expiries` expiries, prices and rates that will be stepped and surfaces that will be
/// refused.
fn prepare_return<T: Config>(operators: &[T::AccountId], expiries: u32) -> UnderlyingId {
	let underlying = add_feeds::<T>(1)[0];
	report::<T>(underlying, operators, expiries, Round::First, slice);
	Pallet::<T>::aggregate();
	T::BenchmarkHelper::set_time(Round::Second.at());
	Pallet::<T>::aggregate();
	report::<T>(underlying, operators, expiries, Round::Second, flat_slice);
	underlying
}

/// Every price and rate is live again, and on its way; all surfaces but the first have been
/// shifted.
fn assert_returned<T: Config>(underlying: UnderlyingId, expiries: u32) {
	let aggregate = Aggregates::<T>::get(underlying).expect("it was aggregated");
	let spot = aggregate.spot.expect("it was aggregated");
	assert_eq!((spot.stepped, spot.failure), (true, None));
	let asset = SettlementAsset::<T>::get().expect("it was aggregated");
	assert_eq!((asset.stepped, asset.failure), (true, None));
	assert_eq!(aggregate.expiries.len(), expiries.saturated_into::<usize>());
	for (index, known) in aggregate.expiries.iter().enumerate() {
		let surface = known.surface.expect("it was aggregated");
		assert_eq!(surface.value, slice(index.saturated_into()));
		assert_eq!((surface.stepped, surface.failure), (index > 0, None));
		let (forward, rate) = known.forward.zip(known.rate).expect("both were aggregated");
		assert_eq!((forward.stepped, forward.failure), (true, None));
		assert_eq!((rate.stepped, rate.failure), (true, None));
	}
}

/// A batch of `prices` forwards, spread over all feeds, and `surfaces` surfaces, as many as fit of
/// one underlying before the next, so that almost each is compared with the one before it.
fn batch_of<T: Config>(prices: u32, surfaces: u32) -> BoundedVec<Observation, T::MaxBatch> {
	let feeds = T::MaxFeeds::get();
	let forwards = (0..prices).map(|index| Observation::Forward {
		underlying: UnderlyingId((index % feeds).saturated_into()),
		expiry: expiry(index / feeds),
		price: Price::ONE,
	});
	let surfaces = (0..surfaces).map(|index| Observation::Surface {
		underlying: UnderlyingId((index / MAX_EXPIRIES).saturated_into()),
		expiry: expiry(index % MAX_EXPIRIES),
		surface: slice(index % MAX_EXPIRIES),
	});
	BoundedVec::truncate_from(forwards.chain(surfaces).collect())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The batch touches every feed there may be, however many values it has: of each the operator
	/// has reported as many expiries before as fit. So the fixed part covers all records, and a
	/// surface's part its comparison with the one before.
	#[benchmark]
	fn submit(
		v: Linear<
			{ (T::MaxBatch::get() / 2).min(T::MaxFeeds::get()) },
			{ (T::MaxBatch::get() / 2).min(T::MaxFeeds::get() * MAX_EXPIRIES) },
		>,
		s: Linear<0, { (T::MaxBatch::get() / 2).min(T::MaxFeeds::get() * MAX_EXPIRIES) }>,
	) {
		prepare::<T>();
		let underlyings = add_feeds::<T>(T::MaxFeeds::get());
		let operators = set_operators::<T>(T::MaxOperators::get());
		for underlying in underlyings {
			report::<T>(underlying, &operators, MAX_EXPIRIES, Round::First, slice);
		}
		let caller = operators[0].clone();
		let observations = batch_of::<T>(v, s);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), observations);

		assert!(LastBatch::<T>::contains_key(caller));
	}

	#[benchmark]
	fn check_feeder() {
		let operators = set_operators::<T>(T::MaxOperators::get());
		let answer;

		#[block]
		{
			answer = CheckFeeder::<T>::check(operators.last());
		}

		assert!(answer.is_ok());
	}

	#[benchmark]
	fn change_members(o: Linear<0, { T::MaxOperators::get() }>) {
		prepare::<T>();
		let underlyings = add_feeds::<T>(T::MaxFeeds::get());
		let operators = set_operators::<T>(T::MaxOperators::get());
		for underlying in &underlyings {
			report::<T>(*underlying, &operators, MAX_EXPIRIES, Round::First, slice);
		}
		for operator in &operators {
			LastBatch::<T>::insert(operator, BlockNumberFor::<T>::default());
		}
		let outgoing = &operators[..o.saturated_into::<usize>()];

		#[block]
		{
			Pallet::<T>::change_members_sorted(&[], outgoing, &[]);
		}

		let left = T::MaxOperators::get() - o;
		assert_eq!(SettlementAssetValues::<T>::iter().count(), left.saturated_into::<usize>());
		assert_eq!(
			Values::<T>::iter_prefix(underlyings[0]).count(),
			left.saturated_into::<usize>()
		);
	}

	#[benchmark]
	fn set_feed() {
		add_feeds::<T>(T::MaxFeeds::get());
		let feed = FeedParams { min: Price::ONE, max: ABSURD_PRICE };

		#[extrinsic_call]
		_(RawOrigin::Root, UnderlyingId(0), feed);

		assert_eq!(Feeds::<T>::get().get(&UnderlyingId(0)), Some(&feed));
	}

	#[benchmark]
	fn remove_feed() {
		prepare::<T>();
		let underlyings = add_feeds::<T>(T::MaxFeeds::get());
		// The last, since a chain's genesis may have listed markets on the first.
		let underlying = underlyings[underlyings.len() - 1];
		let operators = set_operators::<T>(T::MaxOperators::get());
		report::<T>(underlying, &operators, MAX_EXPIRIES, Round::First, slice);
		Pallet::<T>::aggregate();

		#[extrinsic_call]
		_(RawOrigin::Root, underlying);

		assert!(!Aggregates::<T>::contains_key(underlying));
	}

	#[benchmark]
	fn set_params() {
		let params = OracleParams { quorum: 1, ..Default::default() };

		#[extrinsic_call]
		_(RawOrigin::Root, params);

		assert_eq!(Params::<T>::get(), params);
	}

	#[benchmark]
	fn set_sources(s: Linear<0, { T::MaxSources::get() }>) {
		add_feeds::<T>(T::MaxFeeds::get());
		let mut url = b"https://".to_vec();
		url.resize(types::MAX_URL_LENGTH.saturated_into(), b'x');
		let source = Source {
			feed: FeedKey::Spot { underlying: UnderlyingId(0) },
			format: SourceFormat::Json,
			url: BoundedVec::truncate_from(url),
		};
		let sources = BoundedVec::truncate_from(vec![source; s.saturated_into()]);

		#[extrinsic_call]
		_(RawOrigin::Root, sources);

		assert_eq!(Sources::<T>::get().len(), s.saturated_into::<usize>());
	}

	#[benchmark]
	fn on_initialize_feeds(f: Linear<0, { T::MaxFeeds::get() }>) {
		prepare::<T>();
		add_feeds::<T>(f);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_eq!(AggregatedAt::<T>::get(), Some(NOW));
	}

	#[benchmark]
	fn on_initialize_operators(o: Linear<0, { T::MaxOperators::get() }>) {
		prepare::<T>();
		let operators = set_operators::<T>(o);
		let underlying = prepare_return::<T>(&operators, 0);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		match o {
			0 => assert!(!Aggregates::<T>::contains_key(underlying)),
			_ => assert_returned::<T>(underlying, 0),
		}
	}

	#[benchmark]
	fn on_initialize_expiries(e: Linear<0, MAX_EXPIRIES>) {
		prepare::<T>();
		let operators = set_operators::<T>(1);
		let underlying = prepare_return::<T>(&operators, e);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_returned::<T>(underlying, e);
	}

	#[benchmark]
	fn on_initialize_reports(o: Linear<1, { T::MaxOperators::get() }>) {
		prepare::<T>();
		let operators = set_operators::<T>(o);
		let underlying = prepare_return::<T>(&operators, MAX_EXPIRIES);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_returned::<T>(underlying, MAX_EXPIRIES);
	}

	/// In every window the time since the last block counts.
	#[benchmark]
	fn on_initialize_windows(w: Linear<0, { T::MaxSettlementWindows::get() }>) {
		prepare::<T>();
		let underlyings = add_feeds::<T>(1);
		let operators = set_operators::<T>(1);
		report::<T>(underlyings[0], &operators, 0, Round::First, slice);
		Pallet::<T>::aggregate();
		for index in 0..w {
			Pallet::<T>::open_window(
				underlyings[0],
				NOW.saturating_add(6_000 + Moment::from(index)),
			)
			.expect("there is room for a window");
		}
		T::BenchmarkHelper::set_time(NOW + 6_000);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert!(SettlementWindows::<T>::get().iter().all(|window| window.covered == 6_000));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::build(), crate::mock::Test);
}
