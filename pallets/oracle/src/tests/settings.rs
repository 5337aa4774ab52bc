use crate::{
	mock::*, types::ABSURD_PRICE, Aggregates, Error, Event, FeedKey, FeedParams, Feeds,
	OracleParams, Source, SourceFormat, Sources, Values,
};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use plimsoll_primitives::{Price, PriceOracle, Rate, UnderlyingId};
use sp_arithmetic::{FixedU128, Permill};
use sp_runtime::DispatchError;

const SPOT: FeedKey = FeedKey::Spot { underlying: BTC };

fn bounds(min: u32, max: u32) -> FeedParams {
	FeedParams { min: usd(min), max: usd(max) }
}

#[test]
fn settings_are_refused_when_the_origin_is_not_root() {
	ExtBuilder::build_and_execute(|| {
		let origin = || RuntimeOrigin::signed(ALICE);
		let error = DispatchError::BadOrigin;
		assert_noop!(Oracle::set_feed(origin(), BTC, bounds(1, 2)), error);
		assert_noop!(Oracle::remove_feed(origin(), BTC), error);
		assert_noop!(Oracle::set_params(origin(), OracleParams::default()), error);
		assert_noop!(Oracle::set_sources(origin(), BoundedVec::new()), error);
	});
}

#[test]
fn feed_is_set_when_its_bounds_are_valid() {
	ExtBuilder::build_and_execute(|| {
		let (underlying, feed) = (UNKNOWN, bounds(1, 2));
		assert_ok!(Oracle::set_feed(RuntimeOrigin::root(), underlying, feed));
		assert_eq!(Feeds::<Test>::get().get(&underlying), Some(&feed));
		assert_eq!(events(), vec![Event::FeedSet { underlying, feed }]);
		let feed = bounds(1, 3);
		assert_ok!(Oracle::set_feed(RuntimeOrigin::root(), underlying, feed));
		assert_eq!(Feeds::<Test>::get().get(&underlying), Some(&feed));
	});
}

#[test]
fn feed_is_refused_when_its_bounds_are_not_valid() {
	ExtBuilder::build_and_execute(|| {
		let beyond = Price::from_inner(ABSURD_PRICE.into_inner() + 1);
		for bad in
			[bounds(0, 2), bounds(2, 2), bounds(3, 2), FeedParams { min: usd(1), max: beyond }]
		{
			let set = Oracle::set_feed(RuntimeOrigin::root(), BTC, bad);
			assert_noop!(set, Error::<Test>::InvalidFeed);
		}
	});
}

#[test]
fn feed_is_refused_when_there_are_too_many() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Oracle::set_feed(RuntimeOrigin::root(), UnderlyingId(2), bounds(1, 2)));
		assert_noop!(
			Oracle::set_feed(RuntimeOrigin::root(), UnderlyingId(3), bounds(1, 2)),
			Error::<Test>::TooManyFeeds
		);
	});
}

#[test]
fn feed_is_removed_with_all_that_was_reported() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		assert_ok!(Oracle::remove_feed(RuntimeOrigin::root(), BTC));
		assert!(!Feeds::<Test>::get().contains_key(&BTC));
		assert!(!Aggregates::<Test>::contains_key(BTC));
		assert_eq!(Values::<Test>::iter_prefix(BTC).count(), 0);
		assert_eq!(events().last(), Some(&Event::FeedRemoved { underlying: BTC }));
	});
}

#[test]
fn feed_removal_is_refused_when_there_is_none() {
	ExtBuilder::build_and_execute(|| {
		let removed = Oracle::remove_feed(RuntimeOrigin::root(), UNKNOWN);
		assert_noop!(removed, Error::<Test>::UnknownUnderlying);
	});
}

#[test]
fn feed_removal_is_refused_while_it_is_in_use() {
	ExtBuilder::build_and_execute(|| {
		let remove = || Oracle::remove_feed(RuntimeOrigin::root(), BTC);
		assert_ok!(Oracle::open_settlement_window(BTC, EXPIRY));
		assert_noop!(remove(), Error::<Test>::FeedInUse);
		Oracle::close_settlement_window(BTC, EXPIRY);

		let sources = vec![source(SPOT, SourceFormat::Kraken, "https://x")];
		let sources = sources.try_into().expect("few; qed");
		assert_ok!(Oracle::set_sources(RuntimeOrigin::root(), sources));
		assert_noop!(remove(), Error::<Test>::FeedInUse);
		assert_ok!(Oracle::set_sources(RuntimeOrigin::root(), BoundedVec::new()));
		assert_ok!(remove());
	});
}

#[test]
fn params_are_set_when_they_are_valid() {
	ExtBuilder::build_and_execute(|| {
		let params = OracleParams { quorum: 5, ..Default::default() };
		assert_ok!(Oracle::set_params(RuntimeOrigin::root(), params));
		assert_eq!(crate::Params::<Test>::get(), params);
		assert_eq!(events(), vec![Event::ParamsSet { params }]);
	});
}

#[test]
fn params_are_refused_by_name_when_they_are_not_valid() {
	ExtBuilder::build_and_execute(|| {
		let zero = FixedU128::from_u32(0);
		let above_one = FixedU128::from_inner(FixedU128::from_u32(1).into_inner() + 1);
		let refused = |change: &dyn Fn(&mut OracleParams), error: Error<Test>| {
			let mut params = OracleParams::default();
			change(&mut params);
			assert_noop!(Oracle::set_params(RuntimeOrigin::root(), params), error);
		};
		refused(&|params| params.quorum = 0, Error::InvalidQuorum);
		refused(&|params| params.quorum = 6, Error::InvalidQuorum);
		refused(&|params| params.max_age = 0, Error::InvalidMaxAge);
		refused(&|params| params.max_age = 86_400_001, Error::InvalidMaxAge);
		refused(&|params| params.max_divergence = zero, Error::InvalidDivergence);
		refused(&|params| params.max_divergence = above_one, Error::InvalidDivergence);
		refused(&|params| params.max_rate_divergence = zero, Error::InvalidDivergence);
		refused(&|params| params.max_surface_divergence = zero, Error::InvalidDivergence);
		refused(&|params| params.max_surface_divergence = above_one, Error::InvalidDivergence);
		refused(&|params| params.step_limit = zero, Error::InvalidStepLimit);
		refused(&|params| params.step_limit = above_one, Error::InvalidStepLimit);
		refused(&|params| params.rate_step_limit = zero, Error::InvalidStepLimit);
		refused(&|params| params.max_rate = Rate::ZERO, Error::InvalidMaxRate);
		let half = FixedU128::from_rational(1, 2);
		refused(&|params| params.confidence.floor = half, Error::InvalidConfidence);
		refused(&|params| params.confidence.scarcity = half, Error::InvalidConfidence);
		let huge = FixedU128::from_inner(u128::MAX);
		refused(&|params| params.confidence.dispersion = huge, Error::InvalidConfidence);
		refused(&|params| params.settlement_asset = bounds(2, 1), Error::InvalidSettlementAsset);
		refused(
			&|params| params.settlement_coverage = Permill::zero(),
			Error::InvalidSettlementCoverage,
		);
	});
}

fn set_one(source: Source) -> sp_runtime::DispatchResult {
	let sources = vec![source].try_into().expect("few; qed");
	Oracle::set_sources(RuntimeOrigin::root(), sources)
}

#[test]
fn sources_are_set_when_they_are_valid() {
	ExtBuilder::build_and_execute(|| {
		let expiry = EXPIRY;
		let sources = vec![
			source(
				SPOT,
				SourceFormat::Kraken,
				"https://api.kraken.com/0/public/Ticker?pair=XBTUSD",
			),
			source(FeedKey::SettlementAsset, SourceFormat::Coinbase, "http://127.0.0.1:8787/x"),
			source(FeedKey::Forward { underlying: BTC, expiry }, SourceFormat::Binance, "http://x"),
			source(SPOT, SourceFormat::Json, "http://x"),
		];
		let sources: BoundedVec<_, _> = sources.try_into().expect("few; qed");
		assert_ok!(Oracle::set_sources(RuntimeOrigin::root(), sources.clone()));
		assert_eq!(Sources::<Test>::get(), sources);
		assert_eq!(events(), vec![Event::SourcesSet { count: 4 }]);
	});
}

#[test]
fn source_is_refused_when_its_url_is_none() {
	ExtBuilder::build_and_execute(|| {
		for url in ["", "x", "ftp://x", "https://", "http://a b", "http://é", "http://x\n"] {
			let set = set_one(source(SPOT, SourceFormat::Kraken, url));
			assert_noop!(set, Error::<Test>::InvalidUrl);
		}
		let mut bytes = source(SPOT, SourceFormat::Kraken, "http://x");
		bytes.url.try_push(0xff).expect("room; qed");
		assert_noop!(set_one(bytes), Error::<Test>::InvalidUrl);
	});
}

#[test]
fn source_is_refused_when_its_format_cannot_give_it() {
	ExtBuilder::build_and_execute(|| {
		let (underlying, expiry) = (BTC, EXPIRY);
		for (feed, format) in [
			(FeedKey::Rate { underlying, expiry }, SourceFormat::Kraken),
			(FeedKey::Surface { underlying, expiry }, SourceFormat::Binance),
			(FeedKey::Forward { underlying, expiry }, SourceFormat::Json),
		] {
			let set = set_one(source(feed, format, "http://x"));
			assert_noop!(set, Error::<Test>::InvalidSourceFeed);
		}
	});
}

#[test]
fn source_is_refused_when_its_underlying_has_no_feed() {
	ExtBuilder::build_and_execute(|| {
		let feed = FeedKey::Spot { underlying: UNKNOWN };
		let set = set_one(source(feed, SourceFormat::Kraken, "http://x"));
		assert_noop!(set, Error::<Test>::UnknownUnderlying);
	});
}

#[test]
fn genesis_sets_feeds_params_and_sources() {
	use sp_runtime::BuildStorage;
	let params = OracleParams { quorum: 1, ..Default::default() };
	let genesis = crate::GenesisConfig::<Test> {
		params,
		feeds: vec![(BTC, bounds(1, 10))],
		sources: vec![(SPOT, SourceFormat::Json, "http://127.0.0.1:8787/btc".into())],
		..Default::default()
	};
	let storage = genesis.build_storage().expect("it is sound; qed");
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(crate::Params::<Test>::get(), params);
		assert_eq!(Feeds::<Test>::get().get(&BTC), Some(&bounds(1, 10)));
		assert_eq!(
			Sources::<Test>::get()[0],
			source(SPOT, SourceFormat::Json, "http://127.0.0.1:8787/btc")
		);
		Oracle::do_try_state().expect("the state holds together");
	});
}

#[test]
#[should_panic(expected = "genesis rules are valid")]
fn genesis_panics_when_its_rules_are_not_valid() {
	use sp_runtime::BuildStorage;
	let params = OracleParams { quorum: 0, ..Default::default() };
	let genesis = crate::GenesisConfig::<Test> { params, ..Default::default() };
	let _ = genesis.build_storage();
}
