//! Benchmarks of every call and hook.

use super::*;
use crate::types::ABSURD_PRICE;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, BoundedVec};
use frame_system::RawOrigin;
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
fn values(operator: u32, expiries: u32, surface: fn(u32) -> Svi) -> OperatorValues {
	let price = Price::from_inner(1_000_000_000_000_000_000_000 + u128::from(operator));
	let expiries = (0..expiries).map(|index| ExpiryValues {
		expiry: expiry(index),
		forward: Some(Stamped { value: price, at: NOW }),
		rate: Some(Stamped { value: Rate::from_inner(operator.into()), at: NOW }),
		surface: Some(Stamped { value: surface(index), at: NOW }),
	});
	OperatorValues {
		spot: Some(Stamped { value: price, at: NOW }),
		expiries: BoundedVec::truncate_from(expiries.collect()),
	}
}

fn report<T: Config>(
	underlying: UnderlyingId,
	operators: &[T::AccountId],
	expiries: u32,
	surface: fn(u32) -> Svi,
) {
	for (index, operator) in operators.iter().enumerate() {
		let values = values(index.saturated_into(), expiries, surface);
		Values::<T>::insert(underlying, operator, values);
		let price = Stamped { value: Price::ONE, at: NOW };
		SettlementAssetValues::<T>::insert(operator, price);
	}
}

/// A feed on whose `expiries` expiries every operator reports surfaces that will be refused, after
/// sound ones were aggregated.
fn prepare_refused_surfaces<T: Config>(operators: &[T::AccountId], expiries: u32) -> UnderlyingId {
	let underlying = add_feeds::<T>(1)[0];
	report::<T>(underlying, operators, expiries, slice);
	Pallet::<T>::aggregate();
	report::<T>(underlying, operators, expiries, flat_slice);
	underlying
}

/// All surfaces but the first have been shifted.
fn assert_shifted<T: Config>(underlying: UnderlyingId, expiries: u32) {
	let aggregate = Aggregates::<T>::get(underlying).expect("it was aggregated");
	assert_eq!(aggregate.expiries.len(), expiries.saturated_into::<usize>());
	for (index, known) in aggregate.expiries.iter().enumerate() {
		let surface = known.surface.expect("it was aggregated");
		assert_eq!(surface.value, slice(index.saturated_into()));
		assert_eq!((surface.stepped, surface.failure), (index > 0, None));
	}
}

/// A batch of `prices` forwards and `surfaces` surfaces, spread over all feeds.
fn batch_of<T: Config>(prices: u32, surfaces: u32) -> BoundedVec<Observation, T::MaxBatch> {
	let feeds = T::MaxFeeds::get();
	let place =
		|index: u32| (UnderlyingId((index % feeds).saturated_into()), expiry(index / feeds));
	let forwards = (0..prices).map(|index| {
		let (underlying, expiry) = place(index);
		Observation::Forward { underlying, expiry, price: Price::ONE }
	});
	let surfaces = (0..surfaces).map(|index| {
		let (underlying, expiry) = place(index);
		Observation::Surface { underlying, expiry, surface: slice(index / feeds) }
	});
	BoundedVec::truncate_from(forwards.chain(surfaces).collect())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The batch is spread over as many feeds as there may be, of each of which the operator has
	/// reported as many expiries before as fit.
	#[benchmark]
	fn submit(
		v: Linear<1, { (T::MaxBatch::get() / 2).min(T::MaxFeeds::get() * MAX_EXPIRIES) }>,
		s: Linear<0, { (T::MaxBatch::get() / 2).min(T::MaxFeeds::get() * MAX_EXPIRIES) }>,
	) {
		prepare::<T>();
		let underlyings = add_feeds::<T>(T::MaxFeeds::get());
		let operators = set_operators::<T>(T::MaxOperators::get());
		for underlying in underlyings {
			report::<T>(underlying, &operators, MAX_EXPIRIES, slice);
		}
		let caller = operators[0].clone();
		let observations = batch_of::<T>(v, s);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), observations);

		assert!(LastBatch::<T>::contains_key(caller));
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
		report::<T>(underlying, &operators, MAX_EXPIRIES, slice);
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
		let underlyings = add_feeds::<T>(1);
		let operators = set_operators::<T>(o);
		report::<T>(underlyings[0], &operators, 0, slice);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_eq!(Aggregates::<T>::contains_key(underlyings[0]), o > 0);
	}

	#[benchmark]
	fn on_initialize_expiries(e: Linear<0, MAX_EXPIRIES>) {
		prepare::<T>();
		let operators = set_operators::<T>(1);
		let underlying = prepare_refused_surfaces::<T>(&operators, e);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_shifted::<T>(underlying, e);
	}

	#[benchmark]
	fn on_initialize_reports(o: Linear<1, { T::MaxOperators::get() }>) {
		prepare::<T>();
		let operators = set_operators::<T>(o);
		let underlying = prepare_refused_surfaces::<T>(&operators, MAX_EXPIRIES);

		#[block]
		{
			Pallet::<T>::aggregate();
		}

		assert_shifted::<T>(underlying, MAX_EXPIRIES);
	}

	/// In every window the time since the last block counts.
	#[benchmark]
	fn on_initialize_windows(w: Linear<0, { T::MaxSettlementWindows::get() }>) {
		prepare::<T>();
		let underlyings = add_feeds::<T>(1);
		let operators = set_operators::<T>(1);
		report::<T>(underlyings[0], &operators, 0, slice);
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
