//! What comes out of [`report`](crate::report()): one struct for the runtime API and the page.

use crate::{error::RiskError, model::VolatilityShock};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use plimsoll_primitives::{
	CollateralId, Contracts, Instrument, Moment, Price, Stance, UnderlyingId, UsdValue, Volatility,
};
use scale_info::TypeInfo;
use sp_arithmetic::{FixedI128, FixedU128};

/// Where an account stands: the numbers of the gate and the waterfall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Margin {
	/// Cash, collateral after haircut, and positions at mark; rounded down.
	pub equity: UsdValue,
	/// The same with collateral at full value; rounded down.
	pub net_value: UsdValue,
	/// Initial margin; rounded up, never negative.
	pub initial: UsdValue,
	/// Maintenance margin; rounded up, never negative, never above `initial`.
	pub maintenance: UsdValue,
}

/// A part of both margins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Requirement {
	/// Of initial margin.
	pub initial: UsdValue,
	/// Of maintenance margin.
	pub maintenance: UsdValue,
}

/// What margins ask for on top of scenarios, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Contingencies {
	/// Short options that no option of the same expiry and strike covers.
	pub naked_short: Requirement,
	/// Perpetuals.
	pub perpetual: Requirement,
	/// Collateral, beyond its haircut.
	pub collateral: Requirement,
	/// Prices that their source is not sure of.
	pub confidence: Requirement,
	/// Options about to expire, in a jump, beyond what the scan has of it.
	pub gamma_buffer: Requirement,
	/// Positions that are large against their market.
	pub concentration: Requirement,
}

/// The options of one expiry, netted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ExpiryReport {
	/// When they expire.
	pub expiry: Moment,
	/// What they are worth; rounded down.
	pub value: UsdValue,
	/// The same after static discounting; rounded down.
	pub discounted_value: UsdValue,
	/// What a positive value is multiplied by after a scenario.
	pub long_factor: FixedU128,
	/// What a negative one is.
	pub short_factor: FixedU128,
	/// The jump of its forward, a fraction of it, that its gamma buffer is for; zero where it has
	/// none.
	pub jump: FixedU128,
	/// Its gamma buffer in maintenance margin.
	pub gamma_buffer: UsdValue,
}

/// A scenario as it applies to one underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ScenarioView {
	/// Its index in the model.
	pub index: u32,
	/// The price move, a fraction of the price (−0.2 is a fall by 20 %).
	pub price_move: FixedI128,
	/// The volatility move.
	pub volatility: VolatilityShock,
	/// The share of the loss that counts.
	pub weight: FixedU128,
}

/// An expiry's payoff at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PayoffView {
	/// Whose options pay off; `None`: those that have expired and wait for their settlement price.
	pub expiry: Option<Moment>,
	/// Their underlying's price there. All else moves along.
	pub price: Price,
}

/// What the scan is the loss of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum WorstLoss {
	/// A scenario of the model.
	#[codec(index = 0)]
	Scenario(ScenarioView),
	/// An expiry's payoff at a price between the scenarios'.
	#[codec(index = 1)]
	Payoff(PayoffView),
	/// The basis shock.
	#[codec(index = 2)]
	Basis,
}

impl WorstLoss {
	/// The scenario, if it is one.
	pub fn scenario(&self) -> Option<&ScenarioView> {
		match self {
			Self::Scenario(view) => Some(view),
			Self::Payoff(_) | Self::Basis => None,
		}
	}
}

/// Sensitivities in USD. Rounded to the nearest unit; information, no margin hangs on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GreeksUsd {
	/// The spot position of the same sensitivity: what 100 % of spot move would gain if the slope
	/// stayed.
	pub delta: UsdValue,
	/// By how much the spot position of the same sensitivity grows, at unchanged valuation, for a
	/// rise of spot by 1 % (Γ·S²/100: zero for linear contracts).
	pub gamma: UsdValue,
	/// Gain per volatility point (0.01) of all expiries' volatilities.
	pub vega: UsdValue,
	/// Gain per calendar day that passes.
	pub theta: UsdValue,
}

/// One underlying's risk.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnderlyingReport {
	/// Which underlying.
	pub underlying: UnderlyingId,
	/// The spot price that it is valued at (moved within the confidence interval as the stance
	/// says).
	pub spot: Price,
	/// Whether its prices are live.
	pub live: bool,
	/// The worst loss of all scenarios, payoffs at near expiries and the basis shock, at least zero.
	pub scan: UsdValue,
	/// What it is the loss of; `None` where nothing is at risk in this underlying or nothing loses.
	pub worst: Option<WorstLoss>,
	/// The loss (negative: gain) in each scenario of the model, in its order, after weights.
	pub losses: Vec<UsdValue>,
	/// The loss in the basis shock, at least zero.
	pub basis: UsdValue,
	/// By expiry, in the order of the account's legs; those that have options.
	pub expiries: Vec<ExpiryReport>,
	/// What margins ask for on top of the scan.
	pub contingencies: Contingencies,
	/// The size that concentration holds against the liquidity of what follows the price one for
	/// one: the most that delta comes to within the scan range. Zero where the model charges none.
	pub delta_notional: UsdValue,
	/// The size that it holds against the options' liquidity: contracts, net by series, times spot.
	/// Zero likewise.
	pub option_notional: UsdValue,
	/// Net sensitivities.
	pub greeks: GreeksUsd,
	/// The nearest lower level of spot at which equity would fall below maintenance margin, forwards
	/// moving along and all else held; `None` where there is none or it is below already. Looked for
	/// from the scenarios' prices on, then in wide steps down to an eighth (up to six times): a level
	/// that only what lies between two of them would fall below is not seen.
	pub liquidation_below: Option<Price>,
	/// The nearest higher level likewise.
	pub liquidation_above: Option<Price>,
	/// This underlying's part of the margins.
	pub requirement: Requirement,
}

/// Which candidate the base of both margins is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum BaseCandidate {
	/// The sum of all scans: the model offsets nothing between underlyings.
	#[codec(index = 0)]
	Sum,
	/// The joint loss.
	#[codec(index = 1)]
	Joint {
		/// The tail's joint scenarios, the worst first.
		scenarios: Vec<u32>,
	},
	/// One market.
	#[codec(index = 2)]
	OneMarket {
		/// The scenario that befalls all underlyings, its index in the model.
		scenario: u32,
	},
	/// The scan of one underlying.
	#[codec(index = 3)]
	Largest {
		/// Which one.
		underlying: UnderlyingId,
	},
	/// The part of the sum of all scans.
	#[codec(index = 4)]
	Floor,
}

/// The base of both margins: how the losses of underlyings come together. Where the model does not
/// aggregate, all candidates are the sum of scans.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BaseReport {
	/// The largest of the candidates; rounded up.
	pub amount: UsdValue,
	/// The expected shortfall over the joint scenarios, at least zero.
	pub joint: UsdValue,
	/// The worst of the scenarios that befall all underlyings at once, at least zero.
	pub one_market: UsdValue,
	/// The largest scan of one underlying.
	pub largest: UsdValue,
	/// The part of the sum of scans that is asked for at least.
	pub floor: UsdValue,
	/// Which one it is.
	pub binding: BaseCandidate,
}

/// One leg's value and part in the margins.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LegReport {
	/// What is held.
	pub instrument: Instrument,
	/// How much.
	pub size: Contracts,
	/// USD per contract.
	pub mark: Price,
	/// What it adds to equity: size × mark − entry value; rounded down.
	pub value: UsdValue,
	/// The implied volatility it is valued with; `None` where none is used.
	pub volatility: Option<Volatility>,
	/// Its own sensitivities.
	pub greeks: GreeksUsd,
	/// Its delta averaged over the model's delta points, units of the underlying per contract; zero
	/// where the model has none.
	pub composite_delta: FixedI128,
	/// Its part in the account's margins, negative where it offsets. Parts of legs and collateral
	/// sum to the margins, to the unit.
	pub contribution: Requirement,
	/// The margins of this leg alone, at the same prices.
	pub isolated: Requirement,
}

/// One collateral asset's value and part in the margins.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CollateralReport {
	/// Which asset.
	pub collateral: CollateralId,
	/// At full value; rounded down.
	pub value: UsdValue,
	/// What it adds to equity; rounded down.
	pub equity: UsdValue,
	/// Its part in the account's margins.
	pub contribution: Requirement,
	/// The margins of this collateral alone.
	pub isolated: Requirement,
}

/// Where an account stands at mark, in full, and at both ends of the confidence intervals.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Standing {
	/// At `Stance::Mark`.
	pub report: RiskReport,
	/// At `Stance::Unfavourable`.
	pub least_favourable: Result<Margin, RiskError>,
	/// At `Stance::Favourable`.
	pub most_favourable: Margin,
}

/// Everything that is known of an account's risk.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RiskReport {
	/// At which end of the confidence intervals.
	pub stance: Stance,
	/// The same numbers as [`margin`](crate::margin()).
	pub margin: Margin,
	/// What both margins are factors of, before contingencies.
	pub base: BaseReport,
	/// Initial margin per USD of loss: the model's factor and what a settlement asset below par adds.
	pub initial_factor: FixedU128,
	/// By underlying, ascending.
	pub underlyings: Vec<UnderlyingReport>,
	/// In the account's order.
	pub legs: Vec<LegReport>,
	/// In the account's order.
	pub collateral: Vec<CollateralReport>,
	/// What margins ask for on top of scenarios, over all underlyings.
	pub contingencies: Contingencies,
	/// What the margins would be without netting: the sum of `isolated` over legs and collateral.
	pub isolated: Requirement,
}
