use super::*;
use crate::{
	listing_rule::{strike_step, strikes, MAX_STRIKES_EACH_SIDE},
	Calendar, ExpiryContracts, GenesisConfig, GenesisListingRule, Instruments, ListingRefusals,
	ListingRound, ListingRule, ListingRules, ListingTerms, Series, WeightInfo,
};
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::{Contract, Moment};
use sp_runtime::{Perbill, Permill};

/// 2023-11-15, a Wednesday, 08:00 UTC; [`START`] is the evening before.
const WEDNESDAY: Moment = 1_700_035_200_000;

fn series(count: u8, strikes_each_side: u8, percent: u32) -> Series {
	Series { count, strikes_each_side, strike_step: Permill::from_percent(percent) }
}

/// The next two days with three strikes, the next Friday with one.
fn rule() -> ListingRule {
	ListingRule {
		daily: series(2, 1, 10),
		weekly: series(1, 0, 20),
		monthly: Series::default(),
		quarterly: Series::default(),
		options: terms(),
		futures: Some(terms()),
	}
}

fn set(rule: ListingRule) {
	assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), ETH, Some(rule)));
}

fn spot(price: u32) {
	Spots::mutate(|spots| spots.insert(ETH, Price::from_u32(price)));
}

/// So many blocks, all at `now`.
fn blocks(count: u64, now: Moment) {
	(0..count).for_each(|_| {
		next_block(now);
	});
}

fn listed(expiry: Moment) -> Vec<Contract> {
	ExpiryContracts::<Test>::get(ETH, expiry).iter().map(|queued| queued.contract).collect()
}

/// A future, and calls and puts at these strikes, in this order.
fn chain(expiry: Moment, strikes: &[u32]) -> Vec<Contract> {
	let options = strikes.iter().flat_map(|strike| {
		[OptionKind::Call, OptionKind::Put].map(|kind| Contract::Option {
			expiry,
			strike: Price::from_u32(*strike),
			kind,
		})
	});
	core::iter::once(Contract::Future { expiry }).chain(options).collect()
}

fn refusals() -> Vec<DispatchError> {
	let refusal = |event| match event {
		Event::ListingRefused { error, .. } => Some(error),
		_ => None,
	};
	events().into_iter().filter_map(refusal).collect()
}

#[test]
fn what_should_stand_is_listed_some_in_each_block() {
	ExtBuilder::build_and_execute(|| {
		set(rule());
		spot(2_040);
		next_block(START);
		assert_eq!(listed(WEDNESDAY), chain(WEDNESDAY, &[2_000])[..]);
		assert_eq!(Calendar::<Test>::get().len(), 1);
		blocks(20, START);
		assert_eq!(listed(WEDNESDAY), chain(WEDNESDAY, &[2_000, 2_100, 1_900]));
		assert_eq!(listed(WEDNESDAY + DAY), chain(WEDNESDAY + DAY, &[2_000, 2_100, 1_900]));
		assert_eq!(listed(WEDNESDAY + 2 * DAY), chain(WEDNESDAY + 2 * DAY, &[2_000]));
		assert_eq!(Calendar::<Test>::get().len(), 3);
		let future = Instrument::future(ETH, WEDNESDAY);
		assert_eq!(Instruments::<Test>::get(future), Some(terms().into()));
		assert_eq!(Windows::get().len(), 3);
	});
}

#[test]
fn nothing_is_done_when_all_stands_or_the_round_rests() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(step(START), <()>::listing_rests());
		set(rule());
		spot(2_000);
		blocks(20, START);
		System::reset_events();
		let resting = ListingRound::<Test>::get().expect("there is a rule").rests_until;
		assert!(resting > System::block_number());
		assert_eq!(step(START), <()>::listing_rests());
		blocks(100, START);
		assert_eq!(listings(), 0);
	});
}

#[test]
fn strikes_are_added_when_the_forward_moves() {
	ExtBuilder::build_and_execute(|| {
		let rule = ListingRule {
			daily: series(1, 1, 10),
			weekly: Series::default(),
			futures: None,
			..rule()
		};
		set(rule);
		spot(2_000);
		blocks(5, START);
		let at = |strikes| chain(WEDNESDAY, strikes)[1..].to_vec();
		assert_eq!(listed(WEDNESDAY), at(&[2_000, 2_100, 1_900]));
		// Not as far as half a step.
		spot(2_045);
		blocks(30, START);
		assert_eq!(listed(WEDNESDAY).len(), 6);
		// The expiry's own forward comes before the spot price.
		spot(1_000);
		Forwards::mutate(|all| all.insert((ETH, WEDNESDAY), Price::from_u32(2_110)));
		blocks(30, START);
		assert_eq!(listed(WEDNESDAY), at(&[2_000, 2_100, 1_900, 2_200]));
	});
}

#[test]
fn an_expiry_follows_when_one_has_passed() {
	ExtBuilder::build_and_execute(|| {
		set(ListingRule { weekly: Series::default(), ..rule() });
		spot(2_000);
		blocks(20, START);
		Averages::mutate(|all| all.insert((ETH, WEDNESDAY), Ok(Price::from_u32(2_000))));
		blocks(40, WEDNESDAY);
		assert!(listed(WEDNESDAY).is_empty());
		assert_eq!(listed(WEDNESDAY + 2 * DAY), chain(WEDNESDAY + 2 * DAY, &[2_000, 2_100, 1_900]));
		assert_eq!(Calendar::<Test>::get().len(), 2);
	});
}

#[test]
fn nothing_is_listed_when_there_is_no_time_or_no_price_or_no_activity() {
	ExtBuilder::build_and_execute(|| {
		set(rule());
		spot(2_000);
		blocks(3, 0);
		assert_eq!(ListingRound::<Test>::get(), Some(Default::default()));
		Spots::set(Default::default());
		blocks(50, START);
		let mut inactive = underlying_terms("Ether", "ETH");
		inactive.active = false;
		assert_ok!(Markets::register_underlying(RuntimeOrigin::root(), ETH, inactive));
		spot(2_000);
		System::reset_events();
		blocks(50, START);
		assert_eq!(listings(), 0);
		assert!(Calendar::<Test>::get().is_empty());
	});
}

#[test]
fn nothing_is_listed_in_an_expirys_last_hour() {
	ExtBuilder::build_and_execute(|| {
		set(ListingRule { weekly: Series::default(), ..rule() });
		spot(2_000);
		blocks(20, WEDNESDAY - 3_600_000);
		assert!(listed(WEDNESDAY).is_empty());
		assert_eq!(listed(WEDNESDAY + DAY).len(), 7);
	});
}

#[test]
fn refusal_is_told_once_and_stops_no_other_expiry() {
	ExtBuilder::build_and_execute(|| {
		// One place is left of the first expiry.
		for strike in 0..MAX_INSTRUMENTS - 1 {
			list(call(WEDNESDAY, 5_000 + 50 * strike));
		}
		set(rule());
		spot(2_000);
		blocks(100, START);
		assert_eq!(refusals(), vec![Error::<Test>::TooManyInstruments.into()]);
		assert_eq!(listed(WEDNESDAY).len(), usize::try_from(MAX_INSTRUMENTS).expect("few"));
		assert_eq!(listed(WEDNESDAY + DAY).len(), 7);
		assert_eq!(ListingRefusals::<Test>::get().into_inner(), vec![(ETH, WEDNESDAY)]);
		// Once there is room the rule is kept, and what comes after is told again.
		for strike in 0..MAX_INSTRUMENTS - 1 {
			let strike = call(WEDNESDAY, 5_000 + 50 * strike);
			assert_ok!(Markets::delist(RuntimeOrigin::root(), strike));
		}
		blocks(50, START);
		assert_eq!(listed(WEDNESDAY).len(), 7);
		assert!(!ListingRefusals::<Test>::exists());
		spot(4_000);
		blocks(50, START);
		assert_eq!(refusals().len(), 3, "both dailies are full now");
		Now::set(START);
	});
}

#[test]
fn refusal_is_told_when_the_oracle_keeps_no_average() {
	ExtBuilder::build_and_execute(|| {
		WindowsFull::set(true);
		set(rule());
		spot(2_000);
		blocks(60, START);
		let refused: DispatchError = Error::<Test>::SettlementWindowRefused.into();
		assert_eq!(refusals(), vec![refused; 3]);
		assert!(Calendar::<Test>::get().is_empty());
		// A new rule tells anew.
		set(rule());
		blocks(60, START);
		assert_eq!(refusals().len(), 6);
		WindowsFull::set(false);
		blocks(60, START);
		assert_eq!(Calendar::<Test>::get().len(), 3);
	});
}

#[test]
fn round_goes_over_all_underlyings_that_have_a_rule() {
	ExtBuilder::build_and_execute(|| {
		set(rule());
		assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), BTC, Some(rule())));
		Spots::mutate(|spots| {
			spots.insert(ETH, Price::from_u32(2_000));
			spots.insert(BTC, Price::from_u32(50_000));
		});
		blocks(30, START);
		assert_eq!(Calendar::<Test>::get().len(), 6);
		assert_eq!(ExpiryContracts::<Test>::get(BTC, WEDNESDAY).len(), 7);
		// What is listed stays when the rule goes, and nothing follows.
		assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), BTC, None));
		assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), ETH, None));
		assert!(!ListingRound::<Test>::exists());
		spot(9_000);
		blocks(30, START);
		assert_eq!(Calendar::<Test>::get().len(), 6);
	});
}

#[test]
fn rule_is_refused_when_it_could_not_be_kept() {
	ExtBuilder::build_and_execute(|| {
		let refuse = |rule: ListingRule, error: Error<Test>| {
			let set = Markets::set_listing_rule(RuntimeOrigin::root(), ETH, Some(rule));
			assert_noop!(set, error);
		};
		let no_series = ListingRule { daily: series(0, 1, 1), weekly: Series::default(), ..rule() };
		refuse(no_series, Error::EmptyListingRule);
		refuse(ListingRule { daily: series(24, 1, 1), ..rule() }, Error::TooManyExpiries);
		refuse(ListingRule { daily: series(1, 2, 1), ..rule() }, Error::TooManyInstruments);
		refuse(ListingRule { daily: series(1, u8::MAX, 1), ..rule() }, Error::TooManyInstruments);
		refuse(ListingRule { daily: series(1, 1, 0), ..rule() }, Error::ZeroStrikeStep);
		let no_tick = ListingTerms { tick: Price::ZERO, ..terms() };
		refuse(ListingRule { options: no_tick, ..rule() }, Error::ZeroTick);
		refuse(ListingRule { futures: Some(no_tick), ..rule() }, Error::ZeroTick);
		let set = |origin, underlying, rule| Markets::set_listing_rule(origin, underlying, rule);
		assert_noop!(
			set(RuntimeOrigin::root(), UnderlyingId(9), Some(rule())),
			Error::<Test>::UnknownUnderlying
		);
		assert_noop!(set(RuntimeOrigin::root(), ETH, None), Error::<Test>::NoListingRule);
		assert_noop!(set(RuntimeOrigin::signed(1), ETH, Some(rule())), DispatchError::BadOrigin);
		assert_ok!(set(RuntimeOrigin::root(), ETH, Some(rule())));
		assert_eq!(events(), vec![Event::ListingRuleSet { underlying: ETH, rule: Some(rule()) }]);
	});
}

#[test]
fn rule_of_genesis_applies_from_the_first_block_that_has_time() {
	let genesis_rule = GenesisListingRule { underlying: ETH, rule: rule() };
	let json = serde_json::to_value(&genesis_rule).expect("it writes");
	assert_eq!(json["rule"]["daily"]["strikesEachSide"], 1);
	assert_eq!(serde_json::from_value::<GenesisListingRule>(json).expect("it reads"), genesis_rule);
	let genesis = GenesisConfig { listing_rules: vec![genesis_rule], ..ExtBuilder::genesis() };
	ExtBuilder::build(genesis).execute_with(|| {
		assert_eq!(ListingRules::<Test>::get().get(&ETH), Some(&rule()));
		spot(2_000);
		next_block(0);
		assert!(Calendar::<Test>::get().is_empty());
		next_block(START);
		assert_eq!(listed(WEDNESDAY).len(), 3);
		crate::Pallet::<Test>::do_try_state().expect("the state is sound");
	});
}

/// How many contracts were listed or refused.
fn listings() -> usize {
	let is_listing =
		|event: &Event<Test>| matches!(event, Event::Listed { .. } | Event::ListingRefused { .. });
	events().iter().filter(|event| is_listing(event)).count()
}

/// A block in which nothing else is done. Returns what listing by rule weighs.
fn step(now: Moment) -> Weight {
	Now::set(now);
	System::set_block_number(System::block_number() + 1);
	Markets::keep_rules(Weight::zero())
}

#[test]
fn hook_weighs_what_it_listed_and_lists_what_its_share_reaches_for() {
	ExtBuilder::build_and_execute(|| {
		set(rule());
		spot(2_000);
		let one = <()>::listing_rests() + <()>::visit_listing_rule() + <()>::list();
		assert_eq!(step(START), one + <()>::list() * 2);
		let block = <Weights as Get<frame_system::limits::BlockWeights>>::get().max_block;
		let enough = one;
		Share::set(Perbill::from_rational(enough.proof_size() + 1, block.proof_size()));
		let before = listed(WEDNESDAY).len();
		let weight = step(START);
		assert!(weight.all_lte(Share::get() * block));
		assert_eq!(listed(WEDNESDAY).len(), before + 1);
		Share::set(Perbill::from_parts(1));
		assert_eq!(step(START), <()>::listing_rests());
		assert_eq!(listed(WEDNESDAY).len(), before + 1);
	});
}

#[test]
fn steps_of_strikes_are_round() {
	let step = |permille: u32, forward: u32, least: u32| {
		let share = Permill::from_parts(permille * 1_000);
		let step = strike_step(share, Price::from_u32(forward), Price::from_u32(least));
		step.map(|step| u32::try_from(step.into_inner() / Price::ONE.into_inner()).expect("small"))
	};
	assert_eq!(step(10, 3_000, 1), Some(25), "of 30");
	assert_eq!(step(10, 2_400, 1), Some(20), "of 24");
	assert_eq!(step(10, 2_400, 10), Some(20));
	assert_eq!(step(10, 3_000, 10), Some(20), "25 is no multiple of ten");
	assert_eq!(step(10, 60_000, 500), Some(500), "of 600");
	assert_eq!(step(50, 60_000, 500), Some(2_500), "of 3,000");
	assert_eq!(step(100, 60_000, 100), Some(5_000));
	assert_eq!(step(1, 100, 10), Some(10), "one step at least");
	assert_eq!(step(1_000, u32::MAX, 1), Some(2_500_000_000));
	assert_eq!(step(10, 3_000, 0), None);
	let most = Price::from_inner(u128::MAX);
	assert!(strike_step(Permill::one(), most, Price::from_inner(1)).is_some());
}

#[test]
fn strikes_stay_within_what_may_be_listed() {
	let terms = underlying_terms("Ether", "ETH");
	let around = |forward: Price, each: u8| strikes(&series(1, each, 10), forward, &terms);
	let near_zero = around(Price::from_u32(60), 3);
	assert_eq!(near_zero, [50, 100, 150, 200].map(Price::from_u32));
	let high = around(Price::from_u32(1_000_000), 2);
	assert_eq!(high, [1_000_000, 900_000, 800_000].map(Price::from_u32));
	assert!(around(Price::from_inner(u128::MAX), MAX_STRIKES_EACH_SIDE).is_empty());
	assert_eq!(around(Price::ZERO, 1), [Price::from_u32(50)]);
}
