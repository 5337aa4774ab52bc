//! # Margin pallet
//!
//! Cross-margined accounts: who holds which cash, collateral and positions, whether that carries
//! its risk, and the books that all of it must balance with.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for the calls, storage, events, errors and configuration;
//! [`runtime_api::MarginApi`] for reports and what-if. The other pallets meet accounts through
//! [`Clearing`](plimsoll_primitives::Clearing), [`BookClearing`](plimsoll_primitives::BookClearing),
//! [`CollateralExchange`](plimsoll_primitives::CollateralExchange),
//! [`ContractHolders`](plimsoll_primitives::ContractHolders) and
//! [`LiquidationLedger`](plimsoll_primitives::LiquidationLedger), which [`Pallet`] implements.
//!
//! ## Overview
//!
//! An owner deposits the settlement asset ("cash") and collateral assets into numbered sub-accounts,
//! trades on them through the trading pallet, or lets delegates do so, and withdraws what is free.
//! Deposits are *transferred* to the pallet's account; what is whose stands in one record per
//! sub-account. An account is margined as a whole: the risk engine (`plimsoll-risk`) values all that
//! it holds together.
//!
//! ## Key Concepts
//!
//! - **Sub-account**: (owner, number); the unit that is margined. It comes to be with its first
//!   deposit and is gone when nothing is left in it, its delegates with it.
//! - **Cash**: settlement units, of either sign. Negative cash is a debt that losses, premiums and
//!   withdrawals have made, allowed while the gate is passed. It pays interest to those with positive cash.
//! - **Utilisation**: the part of all positive cash that is owed. Interest depends on it by a line with
//!   one kink ([`InterestParameters`]); a part of what borrowers pay is the insurance fund's.
//! - **Loan**: cash that a withdrawal pays out beyond what the account has. The account must cover it with
//!   a margin on top, and no more than a part of all cash is lent out so.
//! - **Position**: a signed size and, for perpetuals and futures, an *entry value*: what was paid
//!   for it and is not cash yet. An option's premium is paid in cash at the trade, so its entry
//!   value is zero. Its *totals* tell what it has brought and cost in cash since it was opened: realised
//!   profit and loss, fees, funding.
//! - **Equity, initial margin, maintenance margin**: see `plimsoll-risk`.
//! - **Gate**: what adds risk must leave equity no lower than initial margin, at the oracle's prices
//!   least favourable to the account; what reduces risk must lower initial margin and leave equity
//!   less initial margin no lower, nor equity a smaller part of it. Withdrawing is adding risk.
//! - **Open orders** count in initial margin and nowhere else: the gate asks for what the account asks
//!   for whichever of them fill. Kept as sums by instrument and side. A limit better than mark earns
//!   nothing, since of a sum the worse part may fill alone.
//! - **Escrow**: what is set aside for orders in collateral that rest (the spot pallet's): out of the account's
//!   record, so that it counts for nothing there, bears no interest and takes no part in shared losses, until
//!   it fills or comes back. An account must have its initial margin without it. See [`Escrow`].
//! - **Fees**: of what changes hands in the order book, from makers and takers; a part is the insurance
//!   fund's, the rest is in the **fee pot** until governance pays it out. Rates fall by tiers of
//!   **volume**: what an owner's accounts together traded with others in thirty days.
//! - **Insurance fund**: contributions, fees, its part of interest and the fractions of units that rounding
//!   takes. Pays what an account that has nothing left still owes, and buys collateral of accounts in debt.
//! - **Funding**: what perpetual positions pay each other by the markets pallet's index. An account pays
//!   and gets what has accrued whenever it is read, before anything else is done to it; so every view and
//!   every gate sees cash after funding. **Funding pot**: what was paid and not yet received, or the other
//!   way round. See [`funding`].
//! - **Settlement pot**: profit and loss that is not cash yet. **Accrual pot**: interest and shared losses
//!   that are not in accounts' cash yet.
//! - **Joint risk**: what underlyings do together: a covariance of their prices and volatilities, learnt
//!   from the oracle at a fixed step and in force by capped steps, and a history of residuals. Both
//!   make the joint scenarios of the day.
//! - **Pace**: a new risk model's ranges come in capped steps, so that margins do not leap.
//! - **Cash index**: what positive cash is multiplied with; interest raises it, a loss beyond the insurance
//!   fund lowers it, at once for all. **Debt index**: the same of negative cash; interest raises it.
//! - **Seed**: an asset's minimum balance that keeps the pallet's account alive in it; nobody's.
//! - **Booked**: what was taken in of an asset less what was paid out; seed apart.
//!
//! ## The identities
//!
//! At every moment, to the unit (`try_state` and every test check them):
//!
//! - Σ cash + insurance fund + fee pot + settlement pot + funding pot + accrual pot + escrow = settlement asset
//!   booked;
//! - settlement pot = −(Σ entry values + payments of settlements that are under way);
//! - funding pot + Σ what positions have yet to pay of funding = Σ what of it is rounded away, exactly: in
//!   open positions, where it still counts, and of closed ones, less than a unit in all;
//! - the accrual pot has no less than what accounts are still to get of interest, less what they are still
//!   to pay of interest and shared losses (`accrual.rs` says why);
//! - per collateral asset: Σ records + Σ escrows + the insurance fund's = booked;
//! - per asset: seed + booked ≤ what the pallet's account holds. It is more only where somebody sent
//!   assets to it past the calls ([`Pallet::unbooked`]);
//! - per instrument: sizes, with those settled while others are not yet, sum to zero.
//!
//! ## Low Level / Implementation
//!
//! `account.rs` the record; `fill.rs` what a trade does to a position; `funding.rs` what funding does to it; `ledger.rs` the pots;
//! `open_account.rs` an account between read and write, where sums over accounts are kept;
//! `custody.rs` deposits, withdrawals, delegates; `assets.rs` assets in and out; `valuation.rs` from
//! records and feeds to the risk engine; `shared_market.rs` one market for many accounts; `gate.rs`;
//! `trade.rs` trades and slices; `matching.rs` a taker's order and its makers; `open_orders.rs` what may
//! fill; `fees.rs`, `volume.rs`; `exchange.rs` cash against collateral, `escrow.rs` what is
//! set aside for it; `settlement.rs` expiries;
//! `insurance.rs`; `interest.rs` rates and loans, `accrual.rs` how interest comes to accounts,
//! `cash_index.rs` by which indices; `risk_model.rs` how the model changes, `joint.rs` how what
//! underlyings do together is learnt; `report.rs` reports and what-if; `replay.rs` accounts from events
//! alone; `impl_*.rs` the traits.
//!
//! An operation reads the pots once and each account once, changes them in memory, asks the gate,
//! and writes; where it is a trait's, in a storage layer of its own. Interest and shared losses come into
//! cash, and then funding is settled, whenever an account is read. Interest accrues in `on_initialize`, up
//! to the time of the last block, on what is owed then (the markets pallet's hook, which settles, comes
//! before); of a longer pause of the chain no more than an
//! hour counts. Contracts that have a fixed settlement price are settled whenever an
//! operation that looks at positions touches their holder, at most [`Config::MaxSettledPerTouch`] at
//! a time so that weights are bounded; the markets pallet's hook settles the others.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod account;
mod accrual;
mod assets;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod cash_index;
mod config_check;
mod custody;
mod errors;
mod escrow;
mod event;
mod exchange;
pub mod fees;
pub mod fill;
pub mod funding;
pub mod gate;
mod genesis;
mod impl_book;
mod impl_clearing;
mod impl_holders;
mod impl_liquidation;
mod insurance;
pub mod interest;
mod joint;
pub mod ledger;
mod matching;
#[cfg(test)]
mod mock;
mod open_account;
mod open_orders;
pub mod replay;
pub mod report;
pub mod risk_model;
pub mod runtime_api;
mod session;
mod settlement;
mod shared_market;
#[cfg(test)]
mod tests;
mod trade;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod valuation;
pub mod volume;
pub mod weights;

pub use account::{Account, AccountAsset, Position, PositionTotals};
pub use escrow::Escrow;
pub use exchange::Exchange;
pub use fees::{FeeTier, Fees};
pub use funding::SettledFunding;
pub use interest::{InterestParameters, InterestRates, RefusedInterest};
pub use ledger::{Pots, SettlementTotals};
pub use matching::Matching;
pub use pallet::*;
pub use report::{AccountReport, Change, PositionReport};
pub use risk_model::{RefusedJointRisk, RefusedModel};
pub use runtime_api::MarginApiError;
pub use session::Session;
pub use volume::{FeeStanding, Volume};
pub use weights::WeightInfo;

use frame_support::BoundedVec;
use plimsoll_primitives::{CollateralTerms, OrderTotals, SubAccountId};

/// A sub-account of this chain.
pub type SubAccountIdOf<T> = SubAccountId<<T as frame_system::Config>::AccountId>;
/// A sub-account's record.
pub type AccountOf<T> = Account<<T as Config>::MaxCollaterals, <T as Config>::MaxPositions>;
/// What is open of a sub-account's orders; ascending by instrument.
pub type OrdersOf<T> = BoundedVec<OrderTotals, <T as Config>::MaxOrderInstruments>;
/// An asset, and its terms where it is collateral.
pub(crate) type AccountAssetTerms<T> =
	(<T as Config>::AssetId, Option<CollateralTerms<<T as Config>::AssetId>>);

use frame_support::pallet_macros::import_section;

#[import_section(event::event)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungibles::Mutate, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use plimsoll_primitives::{
		Amount, Balance, CollateralId, Contracts, Instrument, InstrumentRegistry, Moment,
		OrderSide, Price, PriceOracle, UsdValue,
	};
	use plimsoll_risk::{
		Covariance, CovarianceError, JointRisk, JointSample, JointScenarios, RiskModel,
	};
	use sp_arithmetic::{FixedU128, Perquintill};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// How assets are named.
		type AssetId: Parameter + Member + MaybeSerializeDeserialize + MaxEncodedLen;

		/// The settlement asset and collateral assets, as users hold them.
		type Assets: Mutate<Self::AccountId, AssetId = Self::AssetId, Balance = Balance>;

		/// The settlement asset.
		#[pallet::constant]
		type SettlementAsset: Get<Self::AssetId>;

		/// The settlement asset's decimals, at most 18.
		#[pallet::constant]
		type SettlementDecimals: Get<u8>;

		/// Listed contracts and collateral.
		type Registry: InstrumentRegistry<AssetId = Self::AssetId>;

		/// Prices.
		type Oracle: PriceOracle;

		/// Chain time, milliseconds since the Unix epoch.
		type Time: Time<Moment = Moment>;

		/// Names the pallet's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Who may change risk models, what underlyings do together, fees and interest, and pay fees out.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// For how many blocks a risk model is known before it comes into force.
		#[pallet::constant]
		type RiskModelDelay: Get<BlockNumberFor<Self>>;

		/// The most positions of a sub-account.
		#[pallet::constant]
		type MaxPositions: Get<u32>;

		/// The most instruments in which a sub-account has orders open.
		#[pallet::constant]
		type MaxOrderInstruments: Get<u32>;

		/// The most collateral assets of a sub-account.
		#[pallet::constant]
		type MaxCollaterals: Get<u32>;

		/// The most delegates of a sub-account.
		#[pallet::constant]
		type MaxDelegates: Get<u32>;

		/// The most fills that are cleared at once.
		#[pallet::constant]
		type MaxFills: Get<u32>;

		/// The most expired positions that an operation settles of an account it touches for another
		/// reason.
		#[pallet::constant]
		type MaxSettledPerTouch: Get<u32>;

		/// The least that a sub-account holds which holds nothing but cash, settlement units.
		#[pallet::constant]
		type MinimumCash: Get<Balance>;

		/// What the pallet's work weighs.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the rest of the chain.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: plimsoll_primitives::benchmarking::BenchmarkEnvironment<
			Self::AccountId,
		>;
	}

	/// The record of each sub-account.
	#[pallet::storage]
	pub type Accounts<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountIdOf<T>, AccountOf<T>, OptionQuery>;

	/// Who may trade for a sub-account besides its owner; ascending.
	#[pallet::storage]
	pub type Delegates<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		SubAccountIdOf<T>,
		BoundedVec<T::AccountId, T::MaxDelegates>,
		ValueQuery,
	>;

	/// What is open of each sub-account's orders, by instrument; ascending, none of them nothing.
	#[pallet::storage]
	pub type OpenOrderTotals<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountIdOf<T>, OrdersOf<T>, ValueQuery>;

	/// What is set aside of each sub-account's for its orders in collateral; never nothing.
	#[pallet::storage]
	pub type Escrows<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountIdOf<T>, Escrow<T::MaxCollaterals>, ValueQuery>;

	/// What trades in order books are charged.
	#[pallet::storage]
	pub type FeeRates<T: Config> = StorageValue<_, Fees, ValueQuery>;

	/// What each owner has traded of late in the order book, with others.
	#[pallet::storage]
	pub type Volumes<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Volume, ValueQuery>;

	/// What those who owe cash pay, and how much may be lent.
	#[pallet::storage]
	pub type Interest<T: Config> = StorageValue<_, InterestParameters, ValueQuery>;

	/// Who holds an instrument: an entry for each position, and no other.
	#[pallet::storage]
	pub type Holders<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		Instrument,
		Blake2_128Concat,
		SubAccountIdOf<T>,
		(),
		OptionQuery,
	>;

	/// The insurance fund, the pots, and what interest and losses are shared by.
	#[pallet::storage]
	pub type Ledger<T: Config> = StorageValue<_, Pots, ValueQuery>;

	/// Collateral that the insurance fund bought, in the assets' own units.
	#[pallet::storage]
	pub type InsuranceCollateral<T: Config> =
		StorageMap<_, Blake2_128Concat, CollateralId, Balance, ValueQuery>;

	/// Instruments of which some holders are settled and others are not yet.
	#[pallet::storage]
	pub type Settling<T: Config> =
		StorageMap<_, Blake2_128Concat, Instrument, SettlementTotals, ValueQuery>;

	/// Per instrument, the last holder that could not be settled; the next ones are tried first.
	#[pallet::storage]
	pub type PassedOver<T: Config> =
		StorageMap<_, Blake2_128Concat, Instrument, SubAccountIdOf<T>, OptionQuery>;

	/// Per asset, what was taken in less what was paid out; the seed is not in it.
	#[pallet::storage]
	pub type Booked<T: Config> = StorageMap<_, Blake2_128Concat, T::AssetId, Balance, ValueQuery>;

	/// Per asset, what keeps the pallet's account alive in it. It belongs to nobody.
	#[pallet::storage]
	pub type Seeds<T: Config> = StorageMap<_, Blake2_128Concat, T::AssetId, Balance, ValueQuery>;

	/// The risk model in force.
	#[pallet::storage]
	pub type CurrentRiskModel<T: Config> = StorageValue<_, RiskModel, OptionQuery>;

	/// The risk model that comes into force next.
	#[pallet::storage]
	pub type NextRiskModel<T: Config> = StorageValue<_, RiskModel, OptionQuery>;

	/// The block in which it does.
	#[pallet::storage]
	pub type NextRiskModelAt<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

	/// The model whose ranges those in force are on their way to; none where they are there.
	#[pallet::storage]
	pub type TargetRiskModel<T: Config> = StorageValue<_, RiskModel, OptionQuery>;

	/// Before when they take no other step; none where that is long past.
	#[pallet::storage]
	pub type NextRiskModelStep<T: Config> = StorageValue<_, Moment, OptionQuery>;

	/// What joint scenarios come from: the rules of learning, the covariance in force, history.
	#[pallet::storage]
	pub type CurrentJointRisk<T: Config> = StorageValue<_, JointRisk, OptionQuery>;

	/// The joint scenarios that margins use: those of the joint risk in force, worked out once a step.
	#[pallet::storage]
	pub type CurrentScenarios<T: Config> = StorageValue<_, JointScenarios, ValueQuery>;

	/// The covariance as learnt, which the one in force follows in capped steps.
	#[pallet::storage]
	pub type LearntCovariance<T: Config> = StorageValue<_, Covariance, OptionQuery>;

	/// The end of the last step of learning.
	#[pallet::storage]
	pub type LastSample<T: Config> = StorageValue<_, JointSample, OptionQuery>;

	/// The joint risk that comes into force next.
	#[pallet::storage]
	pub type NextJointRisk<T: Config> = StorageValue<_, JointRisk, OptionQuery>;

	/// The block in which it does.
	#[pallet::storage]
	pub type NextJointRiskAt<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

	/// Genesis needs its assets to exist already, so the assets pallet must come earlier in the
	/// runtime.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The risk model; without one nothing that needs a price can be done.
		pub risk_model: Option<RiskModel>,
		/// What joint scenarios come from; without it the losses of underlyings add up.
		pub joint_risk: Option<JointRisk>,
		/// Per asset, what is minted to the pallet's account and belongs to nobody: at least the
		/// asset's minimum balance.
		pub seeds: Vec<(T::AssetId, Balance)>,
		/// What trades in the order book are charged.
		pub fees: Fees,
		/// What those who owe cash pay, and how much may be lent.
		pub interest: InterestParameters,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::build_genesis(self);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let mut weight = T::WeightInfo::on_initialize_idle();
			Self::accrue_interest();
			weight.saturating_accrue(T::WeightInfo::on_initialize_accrue());
			if Self::change_risk_model_when_due(now) {
				weight.saturating_accrue(T::WeightInfo::on_initialize_change());
			}
			if Self::step_risk_model_when_due() {
				weight.saturating_accrue(T::WeightInfo::on_initialize_change());
			}
			if Self::change_joint_risk_when_due(now) {
				weight.saturating_accrue(T::WeightInfo::on_initialize_change_joint());
			}
			if Self::learn_when_due() {
				weight.saturating_accrue(T::WeightInfo::on_initialize_learn());
			}
			weight
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Moves `amount` of an asset, in its own units, into the caller's sub-account `number`,
		/// which is made where there is none.
		///
		/// Origin: signed, the owner. Where the rest of the caller's balance would be below the
		/// asset's minimum and so be lost, it is deposited as well. Deposits `Deposited`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(
			origin: OriginFor<T>,
			number: u16,
			asset: AccountAsset,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let account = SubAccountId::new(who.clone(), number);
			Self::do_deposit(&who, &account, asset, amount)
		}

		/// Pays `amount` of an asset, in its own units, out of the caller's sub-account `number` to
		/// the caller. Cash that the account does not have is a loan, on which it pays interest.
		///
		/// Origin: signed, the owner. Unless the account then owes nothing, whatever prices do, it
		/// must cover its initial margin at the least favourable prices, with
		/// [`InterestParameters::loan_margin`] of what it then owes besides; and a loan may not take
		/// utilisation above [`InterestParameters::lending_cap`]. Refused while trading is halted on the
		/// whole chain. Deposits `Withdrawn`, and
		/// `AccountClosed` where nothing is left.
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::withdraw_weight(T::MaxPositions::get()))]
		pub fn withdraw(
			origin: OriginFor<T>,
			number: u16,
			asset: AccountAsset,
			#[pallet::compact] amount: Balance,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let account = SubAccountId::new(who, number);
			let positions = Self::do_withdraw(&account, asset, amount)?;
			Ok(Some(Self::withdraw_weight(positions)).into())
		}

		/// Lets `delegate` trade for the caller's sub-account `number`, but not withdraw.
		///
		/// Origin: signed, the owner. Deposits `DelegateAdded`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::add_delegate())]
		pub fn add_delegate(
			origin: OriginFor<T>,
			number: u16,
			delegate: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_add_delegate(&SubAccountId::new(who, number), delegate)
		}

		/// Lets `delegate` trade for the caller's sub-account `number` no longer.
		///
		/// Origin: signed, the owner. Deposits `DelegateRemoved`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::remove_delegate())]
		pub fn remove_delegate(
			origin: OriginFor<T>,
			number: u16,
			delegate: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_delegate(&SubAccountId::new(who, number), delegate)
		}

		/// Gives `amount` settlement units to the insurance fund, for nothing in return.
		///
		/// Origin: signed. Deposits `InsuranceContributed`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::contribute_insurance())]
		pub fn contribute_insurance(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_contribute_insurance(&who, amount)
		}

		/// Has another risk model come into force after [`Config::RiskModelDelay`], for all accounts at
		/// once, so that nobody is surprised by it. One that was to come is replaced, and the delay
		/// begins anew. It must have every underlying that the one in force has: positions in others
		/// could not be valued.
		///
		/// Its ranges come in steps, by the pace of the one in force.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `RiskModelScheduled`; when it comes into force,
		/// `RiskModelChanged` and `RiskModelReached`, or `RiskModelStepped` until its ranges are there.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_risk_model())]
		pub fn set_risk_model(origin: OriginFor<T>, model: Box<RiskModel>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::schedule_risk_model(*model)
		}

		/// Gives `amount` of an asset, in its own units, to keep the pallet's account alive in it. An
		/// asset can be deposited once its minimum balance is seeded.
		///
		/// Origin: signed. Deposits `Seeded`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::seed())]
		pub fn seed(
			origin: OriginFor<T>,
			asset: T::AssetId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_seed(&who, &asset, amount)
		}

		/// Has the risk model that is to come into force not do so.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `RiskModelCancelled`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::cancel_risk_model())]
		pub fn cancel_risk_model(origin: OriginFor<T>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::cancel_scheduled_risk_model()
		}

		/// Has another joint risk (rules, covariance and history of what underlyings do together) come
		/// into force after [`Config::RiskModelDelay`]. One that was to come is replaced, and the delay
		/// begins anew. Underlyings that it leaves out are offset against no other.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `JointRiskScheduled`; when it comes into force,
		/// `JointRiskChanged`; and from then on, step by step, `CovarianceLearnt`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_joint_risk())]
		pub fn set_joint_risk(origin: OriginFor<T>, joint: Box<JointRisk>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::schedule_joint_risk(*joint)
		}

		/// Has the joint risk that is to come into force not do so.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `JointRiskCancelled`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::cancel_joint_risk())]
		pub fn cancel_joint_risk(origin: OriginFor<T>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::cancel_scheduled_joint_risk()
		}

		/// Sets what trades in the order book are charged from now on, at most [`fees::MAX_FEE`] a
		/// side, by tiers of what their owners traded in the last thirty days.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `FeesSet`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_fees())]
		pub fn set_fees(origin: OriginFor<T>, fees: Fees) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_fees(fees)
		}

		/// Pays `amount` settlement units out of the fee pot to `to`.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `FeesWithdrawn`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::withdraw_fees())]
		pub fn withdraw_fees(
			origin: OriginFor<T>,
			to: T::AccountId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_withdraw_fees(&to, amount)
		}

		/// Sets what those who owe cash pay from now on, and how much may be lent: rates that rise with
		/// utilisation, at most [`interest::HIGHEST_RATE`].
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `InterestParametersSet`.
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::set_interest())]
		pub fn set_interest(
			origin: OriginFor<T>,
			parameters: InterestParameters,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_interest(parameters)
		}

		/// Frees what is kept of an owner's volume that counts for nothing any more, which is after at
		/// most sixty days without a trade. Free where it does.
		///
		/// Origin: signed by anybody. Deposits `VolumeForgotten`.
		#[pallet::call_index(30)]
		#[pallet::weight(T::WeightInfo::forget_volume())]
		pub fn forget_volume(
			origin: OriginFor<T>,
			owner: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_forget_volume(&owner)?;
			Ok(Pays::No.into())
		}
	}
}
