//! Benchmarks of every call, and of what the other pallets have accounts do.

use super::*;
use crate::{
	fees::MAX_TIERS, ledger::Pots, open_account::OpenAccount, open_orders::Standing,
	shared_market::SharedMarket,
};
use alloc::{boxed::Box, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, Amount, Balance, BookClearing, Clearing,
	CollateralExchange, ContractHolders, Contracts, Fill, Instrument, LiquidationLedger, OrderSide,
	Price, Resting, SetAside, Stance, UnderlyingId,
};
use plimsoll_risk::{
	joint::{Residual, MAX_JOINT_SCENARIOS, MAX_JOINT_UNDERLYINGS, RESIDUAL_SCALE},
	model::MAX_SCENARIOS,
	Covariance, CovarianceRules, JointHistory, JointRisk, Liquidity, RiskModel, Scenario,
	VolatilityShock,
};
use sp_arithmetic::{traits::Zero, FixedI128, FixedU128, Permill, Perquintill};

type Environment<T> = <T as Config>::BenchmarkHelper;

/// Settlement units per USD.
fn dollar<T: Config>() -> Balance {
	10u128.pow(u32::from(T::SettlementDecimals::get()))
}

/// Enough for any position that these benchmarks open.
fn ample<T: Config>() -> Balance {
	10_000_000 * dollar::<T>()
}

/// Two accounts with positions in `count` instruments, and as many open orders as can be.
fn traders<T: Config>(count: u32) -> (SubAccountIdOf<T>, SubAccountIdOf<T>, Vec<Instrument>) {
	Environment::<T>::feed();
	let instruments = Environment::<T>::instruments(count);
	force_joint_risk::<T>(&live_underlyings::<T>());
	let long = Environment::<T>::sub_account(1, ample::<T>());
	let short = Environment::<T>::sub_account(2, ample::<T>());
	Environment::<T>::open(&long, &short, &instruments);
	open_orders::<T>(&long, T::MaxOrderInstruments::get());
	open_orders::<T>(&short, T::MaxOrderInstruments::get());
	(long, short, instruments)
}

/// The smallest size that can be traded in.
fn lot<T: Config>(instrument: &Instrument) -> Contracts {
	<Pallet<T> as LiquidationLedger<_>>::lot(instrument)
}

fn resting<T: Config>(instrument: &Instrument, side: OrderSide) -> Resting {
	let price = Price::from_u32(100);
	Resting { instrument: *instrument, side, size: lot::<T>(instrument), price }
}

/// Gives an account orders on both sides of so many instruments, and no other.
fn open_orders<T: Config>(account: &SubAccountIdOf<T>, count: u32) {
	let mut orders = OrdersOf::<T>::default();
	for instrument in Environment::<T>::instruments(count) {
		for side in [OrderSide::Buy, OrderSide::Sell] {
			Pallet::<T>::add_order(&mut orders, &resting::<T>(&instrument, side))
				.expect("there is room");
		}
	}
	OpenOrderTotals::<T>::insert(account, orders);
}

/// Values an account with its orders, so that all that it needs of the market is there.
fn value_on<T: Config>(market: &mut SharedMarket, account: &SubAccountIdOf<T>) {
	let record = Accounts::<T>::get(account).expect("it exists");
	let orders = OpenOrderTotals::<T>::get(account);
	let standing = Standing::new(&record, &orders);
	Pallet::<T>::margin_on(market, &standing, Stance::Unfavourable).expect("everything is priced");
}

/// Sets an account's cash; the difference is the insurance fund's, so that the books balance.
fn set_cash<T: Config>(id: &SubAccountIdOf<T>, cash: Amount) {
	let mut pots: Pots = Ledger::<T>::get();
	let mut account = OpenAccount::<T>::existing(id, &pots).expect("the account exists");
	let taken = account.record.cash - cash;
	account.record.cash = cash;
	account.close(&mut pots).expect("the amounts are small");
	let fund = Amount::try_from(pots.insurance).expect("the amounts are small") + taken;
	pots.insurance = Balance::try_from(fund).expect("the fund can pay");
	Ledger::<T>::put(pots);
}

/// An account that has collateral, where the chain takes any, and `cash`.
fn collateral_account<T: Config>(cash: Amount) -> SubAccountIdOf<T> {
	Environment::<T>::feed();
	let account = Environment::<T>::sub_account(3, ample::<T>());
	if let Some((id, amount)) = Environment::<T>::collateral(&account.owner) {
		let asset = AccountAsset::Collateral(id);
		Pallet::<T>::do_deposit(&account.owner, &account, asset, amount)
			.expect("the environment gave enough");
	}
	set_cash::<T>(&account, cash);
	account
}

/// The model in force with as many scenarios as there can be, and liquidities such that checking it takes
/// the most work: one underlying is thin in one way, another in the other.
fn largest_model<T: Config>() -> Result<RiskModel, BenchmarkError> {
	let mut model = CurrentRiskModel::<T>::get().ok_or(BenchmarkError::Weightless)?;
	let most = usize::try_from(MAX_SCENARIOS).expect("a small number");
	let mut hundredths = 0;
	while model.scenarios.len() + 3 <= most {
		hundredths += 1;
		for volatility in [VolatilityShock::Up, VolatilityShock::None, VolatilityShock::Down] {
			let price_move = FixedI128::from_rational(hundredths, 100);
			let weight = FixedU128::from_rational(1, 2);
			let scenario = Scenario { price_move, volatility, weight };
			model.scenarios.try_push(scenario).expect("there is room");
		}
	}
	let (thin, deep) = (FixedU128::from_u32(1_000), FixedU128::from_u32(1_000_000));
	let ways = [(thin, deep), (deep, thin), (deep, deep)];
	for (underlying, (delta, options)) in model.underlyings.iter_mut().zip(ways) {
		underlying.liquidity = Liquidity { delta, options };
	}
	Ok(model)
}

/// A joint risk of as many of these underlyings as can be, with as many scenarios.
fn joint_risk_of(underlyings: &[UnderlyingId]) -> JointRisk {
	let most = usize::try_from(MAX_JOINT_UNDERLYINGS).expect("a small number");
	let underlyings: Vec<UnderlyingId> = underlyings.iter().copied().take(most).collect();
	let percent = FixedU128::from_rational(1, 100);
	let rules = CovarianceRules {
		decay: FixedU128::from_rational(97, 100),
		return_bound: FixedU128::from_u32(1),
		price_floor: FixedU128::from_rational(1, 10_000),
		volatility_floor: FixedU128::from_rational(1, 10_000),
		rise: FixedU128::from_u32(1),
		fall: percent,
	};
	let day = 24 * 60 * 60 * 1000;
	let covariance = Covariance::zero(&underlyings, day)
		.and_then(|zero| zero.floored(&rules))
		.expect("the underlyings are few and different");
	// One standard deviation up and down by turns, never alike from one underlying to the next.
	let count = underlyings.len() * usize::try_from(MAX_JOINT_SCENARIOS).expect("a small number");
	let residuals = (0..count).map(|at| {
		let size = RESIDUAL_SCALE + i32::try_from(at).expect("a small number");
		let sign = if at % 3 == 0 { -1 } else { 1 };
		Residual { price: sign * size, volatility: -sign * size }
	});
	JointRisk {
		rules,
		horizon: day,
		history: JointHistory {
			underlyings: covariance.underlyings.clone(),
			step: day,
			residuals: BoundedVec::truncate_from(residuals.collect()),
		},
		covariance,
	}
}

/// Puts the largest joint risk of these underlyings in force: what margins are at their dearest with.
pub fn force_joint_risk<T: Config>(underlyings: &[UnderlyingId]) {
	Pallet::<T>::put_joint_risk_in_force(joint_risk_of(underlyings)).expect("it is valid");
}

/// The underlyings that the environment has, with live prices.
fn live_underlyings<T: Config>() -> Vec<UnderlyingId> {
	let instruments = Environment::<T>::instruments(T::MaxPositions::get());
	let mut underlyings: Vec<_> = instruments.iter().map(|of| of.underlying).collect();
	underlyings.sort_unstable();
	underlyings.dedup();
	underlyings
}

/// Gives an account collateral and says what an order that sells half of it sets aside.
fn offer_of<T: Config>(account: &SubAccountIdOf<T>) -> Result<SetAside, BenchmarkError> {
	let given = Environment::<T>::collateral(&account.owner);
	let (collateral, amount) = given.ok_or(BenchmarkError::Weightless)?;
	let asset = AccountAsset::Collateral(collateral);
	Pallet::<T>::do_deposit(&account.owner, account, asset, amount)
		.expect("the environment gave enough");
	Ok(SetAside {
		collateral,
		side: OrderSide::Sell,
		amount: amount / 2,
		cash: 100 * dollar::<T>(),
		fee: Permill::from_percent(1),
	})
}

/// Sets aside what an order of an account gives.
fn set_aside_for<T: Config>(account: &SubAccountIdOf<T>, order: &SetAside) {
	let mut session = Session::default();
	let exchange =
		Exchange::<T>::open(&mut session, account, order.collateral).expect("the account exists");
	Pallet::<T>::close_exchange(exchange, Some(order)).expect("the account is rich");
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Collateral where there is any: it takes more work than cash.
	#[benchmark]
	fn deposit() {
		Environment::<T>::feed();
		let account = Environment::<T>::sub_account(1, ample::<T>());
		let (asset, amount) = match Environment::<T>::collateral(&account.owner) {
			Some((id, amount)) => (AccountAsset::Collateral(id), amount),
			None => (AccountAsset::Cash, ample::<T>()),
		};

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), account.number, asset, amount);

		assert!(Accounts::<T>::contains_key(account));
	}

	/// The account has positions, so that it is valued.
	#[benchmark]
	fn withdraw(p: Linear<1, { T::MaxPositions::get() }>) {
		let (account, ..) = traders::<T>(p);
		let amount = ample::<T>() / 2;
		let before = T::Assets::balance(T::SettlementAsset::get(), &account.owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), account.number, AccountAsset::Cash, amount);

		let after = T::Assets::balance(T::SettlementAsset::get(), &account.owner);
		assert_eq!(after, before + amount);
	}

	/// A sale of half of what it has, of an account with positions on a market that is worked out; the venue
	/// burns and mints.
	#[benchmark]
	fn exchange_outside(p: Linear<1, { T::MaxPositions::get() }>) -> Result<(), BenchmarkError> {
		let (account, ..) = traders::<T>(p);
		let given = Environment::<T>::collateral(&account.owner);
		let (collateral, amount) = given.ok_or(BenchmarkError::Weightless)?;
		let asset = AccountAsset::Collateral(collateral);
		Pallet::<T>::do_deposit(&account.owner, &account, asset, amount)
			.expect("the environment gave enough");
		let (asset_id, _) = Pallet::<T>::asset_terms(asset).expect("it is listed");
		let swap = |pallet: &T::AccountId| {
			let cash = T::SettlementAsset::get();
			T::Assets::burn_from(
				asset_id,
				pallet,
				amount / 2,
				Preservation::Preserve,
				Precision::Exact,
				Fortitude::Polite,
			)?;
			T::Assets::mint_into(cash, pallet, dollar::<T>())?;
			Ok(())
		};
		let mut session = Session::default();
		value_on::<T>(&mut session.market, &account);

		#[block]
		{
			let mut exchange = Exchange::<T>::open(&mut session, &account, collateral)
				.expect("the account exists");
			Pallet::<T>::swap_outside(&mut exchange, OrderSide::Sell, amount / 2, swap)
				.expect("the account is rich");
			Pallet::<T>::close_exchange(exchange, None).expect("the account is rich");
		}

		let record = Accounts::<T>::get(&account).expect("it exists");
		assert_eq!(record.collateral_of(collateral), amount - amount / 2);
		Ok(())
	}

	/// Half of the collateral of an account with positions, which is the first that is set aside, on a market
	/// that is worked out.
	#[benchmark]
	fn set_aside(p: Linear<1, { T::MaxPositions::get() }>) -> Result<(), BenchmarkError> {
		let (account, ..) = traders::<T>(p);
		let order = offer_of::<T>(&account)?;
		let mut session = Session::default();
		value_on::<T>(&mut session.market, &account);

		#[block]
		{
			let exchange = Exchange::<T>::open(&mut session, &account, order.collateral)
				.expect("the account exists");
			Pallet::<T>::close_exchange(exchange, Some(&order)).expect("the account is rich");
		}

		assert_eq!(Escrows::<T>::get(account).collateral.len(), 1);
		Ok(())
	}

	/// All of what a maker with positions has set aside; both pay a fee.
	#[benchmark]
	fn fill_set_aside(p: Linear<1, { T::MaxPositions::get() }>) -> Result<(), BenchmarkError> {
		let (maker, ..) = traders::<T>(p);
		let order = offer_of::<T>(&maker)?;
		set_aside_for::<T>(&maker, &order);
		let taker = Environment::<T>::sub_account(4, ample::<T>());
		FeeRates::<T>::put(full_fees());
		let traded = Volume { period: 0, current: 1, previous: 1 };
		Volumes::<T>::insert(&maker.owner, traded);
		Volumes::<T>::insert(&taker.owner, traded);
		let mut session = Session::default();
		let mut exchange = Exchange::<T>::open(&mut session, &taker, order.collateral)
			.expect("the account exists");
		let none = SetAside { amount: 0, cash: 0, ..order };

		#[block]
		{
			Pallet::<T>::fill_set_aside(&mut exchange, &maker, &order, &none).expect("ample cash");
		}

		assert!(!Escrows::<T>::contains_key(maker));
		Pallet::<T>::close_exchange(exchange, None).expect("the account is rich");
		Ok(())
	}

	/// All of what an account with positions has set aside.
	#[benchmark]
	fn release_set_aside(p: Linear<1, { T::MaxPositions::get() }>) -> Result<(), BenchmarkError> {
		let (account, ..) = traders::<T>(p);
		let order = offer_of::<T>(&account)?;
		set_aside_for::<T>(&account, &order);

		#[block]
		{
			Pallet::<T>::release(&account, &order).expect("it is set aside");
		}

		assert!(!Escrows::<T>::contains_key(account));
		Ok(())
	}

	#[benchmark]
	fn add_delegate() {
		let account = Environment::<T>::sub_account(1, ample::<T>());
		for index in 1..T::MaxDelegates::get() {
			Pallet::<T>::do_add_delegate(&account, frame_benchmarking::account("d", index, 0))
				.expect("there is room");
		}
		let delegate: T::AccountId = frame_benchmarking::account("d", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), account.number, delegate.clone());

		assert!(Delegates::<T>::get(account).contains(&delegate));
	}

	#[benchmark]
	fn remove_delegate() {
		let account = Environment::<T>::sub_account(1, ample::<T>());
		for index in 0..T::MaxDelegates::get() {
			Pallet::<T>::do_add_delegate(&account, frame_benchmarking::account("d", index, 0))
				.expect("there is room");
		}
		let delegate: T::AccountId = frame_benchmarking::account("d", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), account.number, delegate.clone());

		assert!(!Delegates::<T>::get(account).contains(&delegate));
	}

	#[benchmark]
	fn contribute_insurance() {
		let account = Environment::<T>::sub_account(1, ample::<T>());
		let amount = 100 * dollar::<T>();
		let before = Ledger::<T>::get().insurance;

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), amount);

		assert_eq!(Ledger::<T>::get().insurance, before + amount);
	}

	/// Checking it is what takes time.
	#[benchmark]
	fn set_risk_model() -> Result<(), BenchmarkError> {
		let model = largest_model::<T>()?;
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Box::new(model.clone()));

		assert_eq!(NextRiskModel::<T>::get(), Some(model));
		Ok(())
	}

	#[benchmark]
	fn cancel_risk_model() -> Result<(), BenchmarkError> {
		let model = CurrentRiskModel::<T>::get().ok_or(BenchmarkError::Weightless)?;
		NextRiskModel::<T>::put(model);
		NextRiskModelAt::<T>::put(BlockNumberFor::<T>::zero());
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(!NextRiskModel::<T>::exists());
		Ok(())
	}

	/// Nothing is due, but a joint risk is in force.
	#[benchmark]
	fn on_initialize_idle() {
		force_joint_risk::<T>(&live_underlyings::<T>());
		LastSample::<T>::mutate(|sample| {
			if let Some(sample) = sample {
				sample.due = u64::MAX;
			}
		});

		#[block]
		{
			Pallet::<T>::change_risk_model_when_due(BlockNumberFor::<T>::zero());
			Pallet::<T>::step_risk_model_when_due();
			Pallet::<T>::change_joint_risk_when_due(BlockNumberFor::<T>::zero());
			Pallet::<T>::learn_when_due();
		}
	}

	/// A model whose ranges are not reached in one step.
	#[benchmark]
	fn on_initialize_change() -> Result<(), BenchmarkError> {
		let model = largest_model::<T>()?;
		let mut next = model.clone();
		next.volatility.range_up = FixedU128::from_u32(9);
		NextRiskModel::<T>::put(next.clone());
		NextRiskModelAt::<T>::put(BlockNumberFor::<T>::zero());

		#[block]
		{
			Pallet::<T>::change_risk_model_when_due(BlockNumberFor::<T>::zero());
		}

		assert_ne!(CurrentRiskModel::<T>::get(), Some(model));
		Ok(())
	}

	#[benchmark]
	fn set_joint_risk() -> Result<(), BenchmarkError> {
		let joint = joint_risk_of(&live_underlyings::<T>());
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Box::new(joint.clone()));

		assert_eq!(NextJointRisk::<T>::get(), Some(joint));
		Ok(())
	}

	#[benchmark]
	fn cancel_joint_risk() -> Result<(), BenchmarkError> {
		NextJointRisk::<T>::put(joint_risk_of(&live_underlyings::<T>()));
		NextJointRiskAt::<T>::put(BlockNumberFor::<T>::zero());
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(!NextJointRisk::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn on_initialize_change_joint() {
		let joint = joint_risk_of(&live_underlyings::<T>());
		NextJointRisk::<T>::put(joint.clone());
		NextJointRiskAt::<T>::put(BlockNumberFor::<T>::zero());

		#[block]
		{
			Pallet::<T>::change_joint_risk_when_due(BlockNumberFor::<T>::zero());
		}

		assert_eq!(CurrentJointRisk::<T>::get(), Some(joint));
	}

	/// A step ends: of as many underlyings as can be, with as many scenarios.
	#[benchmark]
	fn on_initialize_learn() {
		force_joint_risk::<T>(&live_underlyings::<T>());
		// The first sample, from which the step begins.
		Pallet::<T>::learn_when_due();
		LastSample::<T>::mutate(|sample| {
			if let Some(sample) = sample {
				sample.due = 0;
			}
		});

		#[block]
		{
			Pallet::<T>::learn_when_due();
		}

		let event: <T as frame_system::Config>::RuntimeEvent = Event::<T>::CovarianceLearnt.into();
		assert!(frame_system::Pallet::<T>::events().iter().any(|record| record.event == event));
	}

	#[benchmark]
	fn seed() {
		let account = Environment::<T>::sub_account(1, ample::<T>());
		let asset = T::SettlementAsset::get();
		let before = Seeds::<T>::get(&asset);
		let amount = 100 * dollar::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(account.owner.clone()), asset.clone(), amount);

		assert_eq!(Seeds::<T>::get(&asset), before + amount);
	}

	#[benchmark]
	fn health(p: Linear<1, { T::MaxPositions::get() }>) {
		let (account, ..) = traders::<T>(p);
		let found;

		#[block]
		{
			found = <Pallet<T> as LiquidationLedger<_>>::health(&account, Stance::Favourable);
		}

		assert_eq!(found.expect("everything is priced").positions, p);
	}

	/// Everything that the account needs is there.
	#[benchmark(pov_mode = Measured)]
	fn health_in(p: Linear<1, { T::MaxPositions::get() }>) {
		let (account, other, _) = traders::<T>(p);
		let mut market = Default::default();
		let (known, _) = Pallet::<T>::health_shared(&mut market, &other, Stance::Favourable);
		known.expect("everything is priced");
		let found;

		#[block]
		{
			found = Pallet::<T>::health_shared(&mut market, &account, Stance::Favourable).0;
		}

		assert_eq!(found.expect("everything is priced").positions, p);
	}

	/// Both accounts are as large as can be; the fills close a part of what they hold.
	#[benchmark]
	fn clear(f: Linear<1, { T::MaxFills::get() }>) {
		let most = T::MaxPositions::get().max(f);
		let (long, short, instruments) = traders::<T>(most);
		let fills: Vec<Fill> = instruments
			.iter()
			.take(usize::try_from(f).expect("a small number"))
			.map(|instrument| Fill {
				instrument: *instrument,
				size: half::<T>(&long, instrument),
				price: Price::from_u32(100),
			})
			.collect();
		let before = Accounts::<T>::get(&long);

		#[block]
		{
			<Pallet<T> as Clearing<_>>::clear(&short, &long, &fills).expect("ample cash");
		}

		assert_ne!(Accounts::<T>::get(&long), before);
	}

	/// The holder has as many other positions as can be.
	#[benchmark]
	fn settle_holder() {
		let (long, _, instruments) = traders::<T>(T::MaxPositions::get());
		let instrument = *instruments.last().expect("there is one");
		let settled;

		#[block]
		{
			settled = <Pallet<T> as ContractHolders>::settle(&instrument, Price::from_u32(100), 1);
		}

		assert_eq!(settled, (1, true));
		assert!(Accounts::<T>::contains_key(long));
	}

	/// Half of everything goes to an account that held nothing but cash, and has as many orders open as
	/// can be.
	#[benchmark]
	fn transfer_slice(p: Linear<1, { T::MaxPositions::get() }>) {
		let (from, ..) = traders::<T>(p);
		if let Some((id, amount)) = Environment::<T>::collateral(&from.owner) {
			let asset = AccountAsset::Collateral(id);
			Pallet::<T>::do_deposit(&from.owner, &from, asset, amount).expect("enough is given");
		}
		let to = Environment::<T>::sub_account(4, ample::<T>());
		open_orders::<T>(&to, T::MaxOrderInstruments::get());

		#[block]
		{
			<Pallet<T> as LiquidationLedger<_>>::transfer_slice(
				&from,
				&to,
				Perquintill::from_percent(50),
				1,
			)
			.expect("ample cash");
		}

		assert!(!Accounts::<T>::get(to).expect("it exists").positions.is_empty());
	}

	#[benchmark]
	fn trade_at_mark(p: Linear<1, { T::MaxPositions::get() }>) {
		let (from, to, instruments) = traders::<T>(p);
		let instrument = *instruments.last().expect("there is one");
		let held = Accounts::<T>::get(&from).expect("it exists").size_of(&instrument);
		let size = held.checked_neg().expect("a small number");

		#[block]
		{
			<Pallet<T> as LiquidationLedger<_>>::trade_at_mark(&from, &to, &instrument, size)
				.expect("the instrument is priced");
		}

		assert!(!Holders::<T>::contains_key(instrument, from));
	}

	#[benchmark]
	fn charge_fee(p: Linear<1, { T::MaxPositions::get() }>) {
		let (account, ..) = traders::<T>(p);
		let fee = dollar::<T>();
		let taken;

		#[block]
		{
			taken = <Pallet<T> as LiquidationLedger<_>>::charge_fee(&account, fee);
		}

		assert_eq!(taken, Ok(fee));
	}

	/// One asset, of which a part is enough.
	#[benchmark]
	fn buy_collateral() {
		let account = collateral_account::<T>(-1);
		let taken;

		#[block]
		{
			taken = <Pallet<T> as LiquidationLedger<_>>::buy_collateral(&account);
		}

		let record = Accounts::<T>::get(&account).expect("something is left");
		assert!(taken == Ok(1) || record.collateral.is_empty());
	}

	/// The fund pays a part, the rest is shared.
	#[benchmark]
	fn absorb_deficit() {
		let rich = Environment::<T>::sub_account(1, ample::<T>());
		let account = Environment::<T>::sub_account(2, ample::<T>());
		set_cash::<T>(&account, -2);
		let fund = Ledger::<T>::get().insurance;
		// All of the fund but one unit goes to the account that will share the loss.
		let all = Amount::try_from(ample::<T>() + fund - 1).expect("small");
		set_cash::<T>(&rich, all);
		let absorbed;

		#[block]
		{
			absorbed = <Pallet<T> as LiquidationLedger<_>>::absorb_deficit(&account);
		}

		assert_eq!(absorbed, Ok((1, 1)));
	}

	#[benchmark]
	fn set_fees() -> Result<(), BenchmarkError> {
		let fees = full_fees();
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, fees.clone());

		assert_eq!(FeeRates::<T>::get(), fees);
		Ok(())
	}

	#[benchmark]
	fn set_interest() -> Result<(), BenchmarkError> {
		let parameters =
			InterestParameters { kink: Permill::from_percent(50), ..Default::default() };
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		assert_eq!(Interest::<T>::get(), parameters);
		Ok(())
	}

	/// Somebody owes something, and there is slack for the insurance fund.
	#[benchmark]
	fn on_initialize_accrue() {
		Environment::<T>::sub_account(1, ample::<T>());
		let borrower = collateral_account::<T>(0);
		let debt = Amount::try_from(ample::<T>() / 2).expect("a small number");
		set_cash::<T>(&borrower, -debt);
		Ledger::<T>::mutate(|pots| pots.accrued_at = 1);
		let before = Ledger::<T>::get();

		#[block]
		{
			Pallet::<T>::accrue_interest();
		}

		let after = Ledger::<T>::get();
		assert!(after.debt_index > before.debt_index && after.insurance > before.insurance);
	}

	#[benchmark]
	fn withdraw_fees() -> Result<(), BenchmarkError> {
		let account = Environment::<T>::sub_account(1, ample::<T>());
		let amount = 100 * dollar::<T>();
		// Out of what the account had, so that the books balance.
		let cash = Amount::try_from(ample::<T>() - amount).expect("a small number");
		set_cash::<T>(&account, cash);
		Ledger::<T>::mutate(|pots| {
			pots.insurance -= amount;
			pots.fees += amount;
		});
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, account.owner.clone(), amount);

		assert_eq!(Ledger::<T>::get().fees, 0);
		Ok(())
	}

	#[benchmark]
	fn forget_volume() {
		// Volume fades with time, which stands still before there are prices.
		Environment::<T>::feed();
		let account = Environment::<T>::sub_account(1, ample::<T>());
		let owner = account.owner;
		Volumes::<T>::insert(&owner, Volume { period: 0, current: 1, previous: 1 });

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), owner.clone());

		assert!(!Volumes::<T>::contains_key(owner));
	}

	/// Nothing fills: what fills is weighed by itself.
	#[benchmark]
	fn match_order(
		p: Linear<1, { T::MaxPositions::get() }>,
		o: Linear<1, { T::MaxOrderInstruments::get() }>,
	) {
		let (account, _, instruments) = traders::<T>(p);
		open_orders::<T>(&account, o);
		let rest = resting::<T>(&instruments[0], OrderSide::Buy);
		let before = OpenOrderTotals::<T>::get(&account);
		let mut session = Session::default();
		value_on::<T>(&mut session.market, &account);

		#[block]
		{
			let taken = Matching::<T>::open(&mut session, &account).expect("the account exists");
			taken.close(Some(rest)).expect("ample cash");
		}

		assert_ne!(OpenOrderTotals::<T>::get(&account), before);
	}

	/// Both pay a fee, and the taker has positions in all that the maker has none in.
	#[benchmark]
	fn fill_order(
		p: Linear<1, { T::MaxPositions::get() }>,
		o: Linear<1, { T::MaxOrderInstruments::get() }>,
	) {
		let (maker, other, instruments) = traders::<T>(p);
		open_orders::<T>(&maker, o);
		let most = Environment::<T>::instruments(T::MaxPositions::get());
		let taker = Environment::<T>::sub_account(4, ample::<T>());
		let held: Vec<Instrument> =
			most.into_iter().filter(|of| !instruments.contains(of)).collect();
		Environment::<T>::open(&taker, &other, &held);
		let size = lot::<T>(&instruments[0]);
		let fill = Fill { instrument: instruments[0], size, price: Price::from_u32(100) };
		let before = Accounts::<T>::get(&maker);
		FeeRates::<T>::put(full_fees());
		let traded = Volume { period: 0, current: 1, previous: 1 };
		Volumes::<T>::insert(&maker.owner, traded);
		Volumes::<T>::insert(&taker.owner, traded);
		let mut session = Session::default();
		value_on::<T>(&mut session.market, &maker);
		let mut taken = Matching::<T>::open(&mut session, &taker).expect("the account exists");

		#[block]
		{
			taken.fill(&maker, &fill).expect("ample cash");
		}

		assert_ne!(Accounts::<T>::get(&maker), before);
		taken.close(None).expect("ample cash");
	}

	/// The last one of an account of which nothing else is left, so that it goes, too.
	#[benchmark]
	fn release_order() {
		let (account, _, instruments) = traders::<T>(1);
		let order = resting::<T>(&instruments[0], OrderSide::Buy);
		let mut orders = OrdersOf::<T>::default();
		Pallet::<T>::add_order(&mut orders, &order).expect("there is room");
		let poor = Environment::<T>::sub_account(4, ample::<T>());
		OpenOrderTotals::<T>::insert(&poor, orders);
		set_cash::<T>(&poor, 0);
		assert!(Accounts::<T>::contains_key(&poor) && Accounts::<T>::contains_key(account));

		#[block]
		{
			<Pallet<T> as BookClearing<_>>::release_order(&poor, &order);
		}

		assert!(!Accounts::<T>::contains_key(poor));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

/// As many tiers as there may be, each of which charges something.
fn full_fees() -> Fees {
	let fee = Permill::from_parts(1);
	let tier = |number: u32| FeeTier { volume: Balance::from(number), maker: fee, taker: fee };
	let tiers = BoundedVec::truncate_from((1..=MAX_TIERS).map(tier).collect());
	Fees { maker: fee, taker: fee, insurance_share: fee, tiers }
}

/// Half of what an account holds, or all where it can't be halved.
fn half<T: Config>(account: &SubAccountIdOf<T>, instrument: &Instrument) -> Contracts {
	let held = Accounts::<T>::get(account).expect("it exists").size_of(instrument).into_inner();
	Contracts::from_inner(if held % 2 == 0 { held / 2 } else { held })
}
