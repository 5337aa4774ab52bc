//! Reports and what-if: everything about an account as it is, or as it would be.

use crate::{
	account::{AccountAsset, PositionTotals},
	ledger::Pots,
	open_account::OpenAccount,
	open_orders::Standing,
	runtime_api::MarginApiError,
	shared_market::SharedMarket,
	volume::FeeStanding,
	AccountOf, Config, CurrentJointRisk, Error, Escrows, Ledger, Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{ensure, traits::Time};
use plimsoll_primitives::{
	AllSetAside, Amount, Balance, CollateralId, Contracts, Instrument, Moment, OrderSide,
	OrderTotals, Price, Resting, Stance, UsdValue,
};
use plimsoll_risk::{Margin, RiskReport};
use scale_info::TypeInfo;

/// What an account could do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Change {
	/// Deposits an asset.
	#[codec(index = 0)]
	Deposit { asset: AccountAsset, amount: Balance },
	/// Withdraws an asset.
	#[codec(index = 1)]
	Withdraw { asset: AccountAsset, amount: Balance },
	/// Buys `size` contracts (negative: sells) at `price`, or at mark.
	#[codec(index = 2)]
	Trade { instrument: Instrument, size: Contracts, price: Option<Price> },
	/// Has an order open that may buy `size` contracts (negative: sell) at `price`, or never fill.
	#[codec(index = 3)]
	Order { instrument: Instrument, size: Contracts, price: Price },
}

/// One position, with its mark.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PositionReport {
	/// What is held.
	pub instrument: Instrument,
	/// How much; negative is short.
	pub size: Contracts,
	/// What was paid for it and is not counted yet, settlement units; zero for options.
	pub entry_value: Amount,
	/// USD per contract; the payoff, where its settlement price is fixed.
	pub mark: Price,
	/// Size × mark less entry value, USD, rounded down: for an option, what it is worth.
	pub unrealised: UsdValue,
	/// What it has brought and cost in cash since it was opened: realised profit and loss and funding, less
	/// fees, and `unrealised` are together all that it has made.
	pub totals: PositionTotals,
	/// Whether its settlement price is fixed and it only waits to be paid.
	pub settling: bool,
}

/// The loss that an account stays below with 99 % probability, if returns were normal and the account
/// as straight as its delta and vega. For comparison; no margin hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ValueAtRisk {
	/// USD, rounded up.
	pub loss: UsdValue,
	/// Over how long, milliseconds.
	pub horizon: Moment,
}

/// Everything about an account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AccountReport {
	/// Settlement units; negative is a debt. With all interest up to the last block.
	pub cash: Amount,
	/// Collateral in the assets' own units.
	pub collateral: Vec<(CollateralId, Balance)>,
	/// What is set aside for its orders in collateral: in neither of the two, and counted nowhere.
	pub set_aside: AllSetAside,
	/// Ascending by instrument.
	pub positions: Vec<PositionReport>,
	/// The risk at mark, at the last known prices where feeds are stale.
	pub risk: RiskReport,
	/// What the covariance of prices and volatilities alone says; none where none is in force.
	pub value_at_risk: Option<ValueAtRisk>,
	/// At the prices least favourable to the account, whichever of its open orders fill, which decides
	/// whether it may take risk and withdraw; none where a price is stale.
	/// [`margin_with_orders`](plimsoll_risk::margin_with_orders()) says what is bounded.
	pub least_favourable: Option<Margin>,
	/// At the prices most favourable to it: below maintenance margin here, the waterfall begins.
	pub most_favourable: Margin,
	/// Equity less initial margin at the least favourable prices: what may be withdrawn or put at
	/// risk; negative where only reducing is allowed, none where a price is stale.
	pub free_collateral: Option<UsdValue>,
	/// What is open of its orders, ascending by instrument.
	pub open_orders: Vec<OrderTotals>,
	/// What they take of the free collateral; none where a price is stale.
	pub order_margin: Option<UsdValue>,
	/// What its owner is charged for trades in the order book.
	pub fees: FeeStanding,
}

impl<T: Config> From<Error<T>> for MarginApiError {
	fn from(error: Error<T>) -> Self {
		Self::Refused(error.into())
	}
}

impl<T: Config> Pallet<T> {
	/// Everything about a sub-account, see [`MarginApi`](crate::runtime_api::MarginApi).
	pub fn account_report(account: &SubAccountIdOf<T>) -> Result<AccountReport, MarginApiError> {
		let open = OpenAccount::<T>::existing(account, &Ledger::<T>::get())?;
		let orders = open.orders();
		let standing = Standing::new(&open.record, &orders);
		Self::report_of(account, &standing, &mut SharedMarket::default())
	}

	/// The report after `changes`, see [`MarginApi`](crate::runtime_api::MarginApi).
	pub fn simulate(
		account: &SubAccountIdOf<T>,
		changes: Vec<Change>,
	) -> Result<AccountReport, MarginApiError> {
		let pots: Pots = Ledger::<T>::get();
		let open = OpenAccount::<T>::existing_or_new(account, &pots)?;
		let mut orders = open.orders();
		let mut record = open.record;
		for (instrument, price) in Self::due_positions(&record) {
			Self::settle_record(&mut record, &instrument, price)?;
		}
		let mut market = SharedMarket::default();
		for change in changes {
			match change {
				Change::Order { instrument, size, price } => {
					let side = if size.is_negative() { OrderSide::Sell } else { OrderSide::Buy };
					let size = size.checked_abs().ok_or(Error::<T>::Overflow)?;
					ensure!(size.is_positive(), Error::<T>::ZeroSize);
					Self::tradable(&instrument)?;
					Self::add_order(&mut orders, &Resting { instrument, side, size, price })?;
				}
				change => Self::apply_change(&mut record, change, &mut market)?,
			}
		}
		let standing = Standing::new(&record, &orders);
		Self::report_of(account, &standing, &mut market)
	}

	fn apply_change(
		record: &mut AccountOf<T>,
		change: Change,
		market: &mut SharedMarket,
	) -> Result<(), Error<T>> {
		let signed = |amount: Balance| {
			ensure!(amount > 0, Error::<T>::ZeroAmount);
			Amount::try_from(amount).map_err(|_| Error::<T>::Overflow)
		};
		match change {
			Change::Deposit { asset: AccountAsset::Cash, amount } => {
				record.add_cash(signed(amount)?).map_err(Into::into)
			}
			Change::Deposit { asset: AccountAsset::Collateral(id), amount } => {
				signed(amount)?;
				Self::collateral_terms(id)?;
				record.add_collateral(id, amount).map_err(Into::into)
			}
			// A positive amount has a negative.
			Change::Withdraw { asset: AccountAsset::Cash, amount } => {
				record.add_cash(-signed(amount)?).map_err(Into::into)
			}
			Change::Withdraw { asset: AccountAsset::Collateral(id), amount } => {
				signed(amount)?;
				record.remove_collateral(id, amount).map_err(Into::into)
			}
			Change::Trade { instrument, size, price } => {
				ensure!(!size.is_zero(), Error::<T>::ZeroSize);
				Self::tradable(&instrument)?;
				let price = match price {
					Some(price) => price,
					None => Self::mark_on(market, &instrument)?,
				};
				Self::trade_record(record, &instrument, size, price).map(|_| ())
			}
			// Looked at when all else is done.
			Change::Order { .. } => Ok(()),
		}
	}

	fn value_at_risk(risk: &RiskReport) -> Result<Option<ValueAtRisk>, MarginApiError> {
		let Some(joint) = CurrentJointRisk::<T>::get() else { return Ok(None) };
		let horizon = joint.horizon;
		let loss = plimsoll_risk::value_at_risk(risk, &joint.covariance, horizon)
			.map_err(MarginApiError::Risk)?;
		Ok(Some(ValueAtRisk { loss, horizon }))
	}

	/// What is held, its report at mark and its margins at the least (where there is one) and most
	/// favourable prices: on the arrays where they serve all stances, else each stance by itself.
	fn risk_of(
		record: &AccountOf<T>,
		market: &mut SharedMarket,
	) -> Result<(RiskReport, Option<Margin>, Margin), MarginApiError> {
		let state = &Self::account_state(record)?;
		let held = Standing::held(record);
		if let Some((arrays, _)) = Self::arrays_for(market, state, &[], Stance::Unfavourable)? {
			let plimsoll_risk::Standing { report, least_favourable, most_favourable } =
				arrays.standing(state).map_err(MarginApiError::Risk)?;
			return Ok((report, least_favourable.ok(), most_favourable));
		}
		let report = match Self::arrays_for(market, state, &[], Stance::Mark)? {
			Some((arrays, _)) => arrays.report(state, Stance::Mark),
			None => {
				let market = Self::market_for(state, &[], Stance::Mark)?.state;
				plimsoll_risk::report(&Self::risk_model()?, &market, state, Stance::Mark)
			}
		};
		// First, since it names what is missing.
		let report = report.map_err(MarginApiError::Risk)?;
		let least_favourable = Self::margin_on(market, &held, Stance::Unfavourable).ok();
		let most_favourable =
			Self::margin_on(market, &held, Stance::Favourable).map_err(MarginApiError::Refused)?;
		Ok((report, least_favourable, most_favourable))
	}

	fn report_of(
		account: &SubAccountIdOf<T>,
		of: &Standing<T>,
		market: &mut SharedMarket,
	) -> Result<AccountReport, MarginApiError> {
		let record = of.record;
		let (risk, without_orders, most_favourable) = Self::risk_of(record, market)?;
		let now = T::Time::now();
		let positions = record
			.positions
			.iter()
			.zip(&risk.legs)
			.map(|(position, leg)| PositionReport {
				instrument: position.instrument,
				size: position.size,
				entry_value: position.entry_value,
				mark: leg.mark,
				unrealised: leg.value,
				totals: position.totals,
				settling: Self::settled_at(&position.instrument, now).is_some(),
			})
			.collect();
		let least_favourable = if of.orders.is_empty() {
			without_orders
		} else {
			Self::margin_on(market, of, Stance::Unfavourable).ok()
		};
		let free = |margin: &Option<Margin>| {
			margin.as_ref().and_then(|margin| margin.equity.checked_sub(margin.initial))
		};
		let free_collateral = free(&least_favourable);
		Ok(AccountReport {
			cash: record.cash,
			collateral: record.collateral.to_vec(),
			set_aside: Escrows::<T>::get(account).into(),
			positions,
			value_at_risk: Self::value_at_risk(&risk)?,
			risk,
			order_margin: free(&without_orders)
				.zip(free_collateral)
				.and_then(|(without, with)| without.checked_sub(with)),
			free_collateral,
			least_favourable,
			most_favourable,
			open_orders: of.orders.to_vec(),
			fees: Self::fee_standing(&account.owner),
		})
	}
}
