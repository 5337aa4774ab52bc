//! Open orders: what an account asks for whichever of them fill.
//!
//! Any of an account's orders may fill, whole or in part, in any combination: `2^n` portfolios, whose
//! largest shortfall (initial margin less equity) is bounded here at the cost of a few of them.
//!
//! ## The bound
//!
//! For an order o of `q` contracts at the limit p (q < 0: it sells), `L_o[s]` is what the contracts lose
//! in the scenario s, and `c_o = max(0, q·(p − mark))` what the fill itself costs.
//!
//! - *Losses.* Whatever S of the orders fills, in each scenario the account loses
//!   `L[s] + Σ_S L_o[s] ≤ L[s] + Σ_o max(0, L_o[s])`. In one scenario that is the worst there is: a sum
//!   of largest terms is the largest sum. A part of an order loses a part of it, so nothing between is
//!   worse. Static discounting and the absolute value of skew scenarios make of a sum at most the sum
//!   (see [`curve`](crate::curve)), so there it is a bound; so it is for the basis shock, an expiry by
//!   itself. The largest loss in the model's scenarios, the sum over underlyings in one of them, and the
//!   part of the sum of scans that is asked for at least all rise with losses, and so are bounded by
//!   these. Joint scenarios see [`base`](crate::base), payoffs at expiry
//!   [`expiry_points`](crate::expiry_points::worst_point_with_orders).
//! - *Equity* falls by at most `Σ_o c_o`. What a fill would gain against mark is left out: an order may
//!   be a sum of several, of which those at the worse prices may fill alone.
//! - *Charges*, each by what makes it largest, if need be another for each: naked short options, all that
//!   sells; perpetuals, prices of low confidence and the notional of options, for each instrument all
//!   that buys or all that sells; the steepest slope, all that steepens it. The gamma buffer see
//!   [`gamma_buffer::most`].
//!
//! Buying and selling the same offset nothing and cost nothing twice: where one loses the other gains
//! and counts as nothing. So two-sided quotes cost the dearer side.
//!
//! Maintenance margin does not look at orders. At unfavourable prices each underlying is taken where it
//! is worst *with* them; the bound is one at equal prices.

use crate::{
	arrays::{Origin, RiskArrays},
	book::{Book, Exposure},
	concentration,
	contingency::{charge, initial, notional},
	curve::{Curve, Losses},
	engine::{leg_value, Evaluation, Path},
	error::RiskError,
	expiry_points::worst_point_with_orders,
	fixed::Wide,
	gamma_buffer,
	model::RiskModel,
	naked::naked_shorts,
	report::{Margin, Requirement},
	series::{Shift, Values},
	state::{AccountState, Leg, MarketState},
	sums::loss,
};
use alloc::{rc::Rc, vec::Vec};
use plimsoll_primitives::{
	Contract, Contracts, Instrument, Moment, OptionKind, Price, Rounding, Stance, UsdValue,
};

/// An order that is open, or several of one instrument and side summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder {
	/// What it buys or sells.
	pub instrument: Instrument,
	/// How much may fill: positive buys, negative sells.
	pub size: Contracts,
	/// What that costs at its limit, USD: of the size's sign.
	pub value: UsdValue,
}

/// Equity and margins of an account with open orders: what the gate asks.
///
/// Equity − initial margin is no higher than it is whichever orders fill, in whole or in part; without
/// orders it is [`margin()`](crate::margin())'s. Equity and net value are after what the fills
/// themselves cost; maintenance margin is that of what is held. Orders in what has expired cannot fill
/// and are left out.
///
/// # Errors
/// As [`margin()`](crate::margin()), also for what only orders depend on.
pub fn margin_with_orders(
	model: &RiskModel,
	market: &MarketState,
	account: &AccountState,
	orders: &[OpenOrder],
	stance: Stance,
) -> Result<Margin, RiskError> {
	RiskArrays::new(model, market)?.margin_with_orders(account, orders, stance)
}

/// Orders that may fill, as legs of all that they may add.
pub(crate) fn legs(orders: &[OpenOrder], now: Moment) -> Vec<Leg> {
	let may_fill = |order: &&OpenOrder| {
		!order.size.is_zero() && order.instrument.expiry().is_none_or(|expiry| expiry > now)
	};
	let leg = |order: &OpenOrder| Leg {
		instrument: order.instrument,
		size: order.size,
		entry_value: order.value,
		settled_at: None,
	};
	orders.iter().filter(may_fill).map(leg).collect()
}

/// One order, valued.
pub(crate) struct Order<'a> {
	pub(crate) exposure: &'a Exposure,
	mark: Price,
	/// What it loses by itself.
	curve: Curve,
}

/// What open orders have changed of an [`Evaluation`].
pub(crate) struct Filled {
	/// The losses after weights, and the scan, of what is held.
	pub(crate) held_losses: Vec<UsdValue>,
	pub(crate) held_scan: UsdValue,
	/// What each order loses in every scenario, before weights.
	orders: Vec<Vec<UsdValue>>,
}

/// How much of an instrument may come to be held.
pub(crate) struct Range {
	pub(crate) instrument: Instrument,
	/// Whether it is an option that has not expired.
	pub(crate) is_living_option: bool,
	/// What is held now.
	held: i128,
	/// What orders may buy; not negative.
	buys: i128,
	/// What orders may sell; not negative.
	sells: i128,
	/// What initial margin asks for per USD of notional because prices are not sure, 18 decimals.
	unsure: u128,
}

impl Range {
	/// The most that may be held, without its sign.
	pub(crate) fn most(&self) -> Result<i128, RiskError> {
		let bought = self.held.checked_add(self.buys).and_then(i128::checked_abs);
		let sold = self.held.checked_sub(self.sells).and_then(i128::checked_abs);
		bought.zip(sold).map(|(bought, sold)| bought.max(sold)).ok_or(RiskError::Overflow)
	}

	/// The least that may be, without its sign.
	pub(crate) fn least(&self) -> i128 {
		// Saturating: orders leave nothing where they may close all.
		if self.held < 0 {
			self.held.saturating_add(self.buys).min(0).saturating_neg()
		} else {
			self.held.saturating_sub(self.sells).max(0)
		}
	}
}

/// The range of each instrument that is held or ordered, ascending. All are as unsure as they are when
/// every order that buys, or sells, perpetuals has filled.
pub(crate) fn ranges(
	from: &Origin,
	exposures: &[Exposure],
	orders: &[Exposure],
) -> Result<Vec<Range>, RiskError> {
	let all = || exposures.iter().chain(orders);
	let quotes = &from.state.quotes;
	let mut confidence = quotes.spot_confidence;
	if all().any(Exposure::is_perpetual) {
		confidence = confidence.min(quotes.perpetual_confidence);
	}
	let mut named: Vec<_> = all()
		.enumerate()
		.filter_map(|(index, exposure)| Some((exposure.instrument?, index, exposure)))
		.collect();
	named.sort_unstable_by_key(|(instrument, index, _)| (*instrument, *index));
	let mut ranges = Vec::new();
	for same in named.chunk_by(|a, b| a.0 == b.0) {
		let Some((instrument, _, first)) = same.first() else { continue };
		let of = instrument.expiry().and_then(|expiry| quotes.expiry(expiry));
		let confidence = of.map_or(confidence, |quotes| confidence.min(quotes.confidence));
		let mut range = Range {
			instrument: *instrument,
			is_living_option: first.is_living_option(),
			held: 0,
			buys: 0,
			sells: 0,
			unsure: from.model.confidence.rate(confidence)?,
		};
		for (_, index, exposure) in same {
			let (sum, size) = if *index < exposures.len() {
				(&mut range.held, Some(exposure.size))
			} else if exposure.size > 0 {
				(&mut range.buys, Some(exposure.size))
			} else {
				(&mut range.sells, exposure.size.checked_neg())
			};
			*sum = size.and_then(|size| sum.checked_add(size)).ok_or(RiskError::Overflow)?;
		}
		ranges.push(range);
	}
	Ok(ranges)
}

impl<'a> Order<'a> {
	fn new(
		book: &Book,
		exposure: &'a Exposure,
		(paths, shift): (&[Rc<Path>], Option<Shift>),
	) -> Result<Self, RiskError> {
		let path = paths.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let level = book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let mut room = Values::default();
		let values = exposure.values(path, &book.shocks, level, shift, &mut room)?;
		let mark = values.mark;
		let mut losses = Vec::with_capacity(values.prices.len());
		for price in &values.prices {
			losses.push(loss(exposure.size, mark, *price)?);
		}
		Ok(Self { exposure, mark, curve: Curve::of_one(book, exposure, mark, losses)? })
	}

	/// Its option's kind and strike, where it is one of this level.
	pub(crate) fn strike_at(&self, level: usize) -> Option<(OptionKind, Price)> {
		self.exposure.terms().filter(|_| self.exposure.level == level)
	}

	/// What it loses in a scenario before its weight, at least zero.
	pub(crate) fn loss_at(&self, book: &Book, shock: usize) -> Result<Wide, RiskError> {
		Ok(positive(self.curve.total(book, shock)?))
	}

	/// What it loses where a contract is worth this, at least zero.
	pub(crate) fn loss_to(&self, value: Price) -> Result<Wide, RiskError> {
		let size = self.exposure.size;
		let now = Wide::product(self.mark.into_inner(), size);
		Ok(positive(now.subtract(Wide::product(value.into_inner(), size))?))
	}
}

fn positive(loss: Wide) -> Wide {
	if loss.is_negative() {
		Wide::ZERO
	} else {
		loss
	}
}

impl Evaluation {
	/// What each open order loses in every scenario, before weights.
	pub(crate) fn order_losses(&self) -> &[Vec<UsdValue>] {
		self.filled.as_ref().map_or(&[], |filled| &filled.orders)
	}
}

/// Changes what is known of a book to what it is when the worst of its orders have filled.
pub(crate) fn fill(
	book: &Book,
	paths: &[Rc<Path>],
	evaluation: &mut Evaluation,
) -> Result<(), RiskError> {
	let place = (paths, evaluation.shift);
	let orders = book
		.orders
		.iter()
		.map(|exposure| Order::new(book, exposure, place))
		.collect::<Result<Vec<_>, _>>()?;
	let mut weighted = evaluation.losses.weighted.clone();
	weighted.resize(book.scenarios, UsdValue::ZERO);
	let mut basis = evaluation.basis;
	let mut undampened = Vec::with_capacity(orders.len());
	for order in &orders {
		let Losses { weighted: own, undampened: all } = order.curve.losses(book)?;
		for (sum, loss) in weighted.iter_mut().zip(own) {
			*sum = plus(*sum, loss.max(UsdValue::ZERO))?;
		}
		basis = plus(basis, order.curve.basis(book)?)?;
		undampened.push(all);
		let cost = leg_value(order.exposure, order.mark)?.min(UsdValue::ZERO);
		evaluation.equity = plus(evaluation.equity, cost)?;
		evaluation.net_value = plus(evaluation.net_value, cost)?;
	}
	let mut scan = weighted.iter().copied().fold(basis.max(evaluation.scan), UsdValue::max);
	let curve = &evaluation.curve;
	if let Some((loss, _)) = worst_point_with_orders(book, &book.exposures, curve, paths, &orders)?
	{
		scan = scan.max(loss);
	}
	charges(book, place, &orders, evaluation)?;
	evaluation.scan_requirement.initial = book.factors.requirement(scan, Rounding::Up)?.initial;
	evaluation.filled = Some(Filled {
		held_losses: core::mem::replace(&mut evaluation.losses.weighted, weighted),
		held_scan: core::mem::replace(&mut evaluation.scan, scan),
		orders: undampened,
	});
	Ok(())
}

/// Sets each charge in initial margin to the most that orders may make of it.
fn charges(
	book: &Book,
	(paths, shift): (&[Rc<Path>], Option<Shift>),
	orders: &[Order],
	evaluation: &mut Evaluation,
) -> Result<(), RiskError> {
	let spot = evaluation.spot();
	let scaled = |charge: Requirement| -> Result<UsdValue, RiskError> {
		Ok(book.factors.contingency(charge, Rounding::Up)?.initial)
	};
	let mut naked = UsdValue::ZERO;
	for short in naked_shorts(&sold(book), book.underlying) {
		naked = plus(naked, scaled(charge(&book.naked_charge, spot, short.quantity)?)?)?;
	}
	let mut perpetual = UsdValue::ZERO;
	let mut unsure = UsdValue::ZERO;
	for holding in &book.holdings {
		let price = evaluation.prices.get(holding.level).copied().ok_or(RiskError::OutOfDomain)?;
		let charge = initial(notional(price, holding.amount)?, holding.unsure)?;
		unsure = plus(unsure, charge.initial)?;
	}
	let mut contracts = 0i128;
	for range in &book.ranges {
		let most = range.most()?;
		if range.instrument.contract == Contract::Perpetual {
			perpetual = scaled(charge(&book.perpetual_charge, spot, most)?)?;
		}
		if range.unsure != 0 {
			unsure = plus(unsure, initial(notional(spot, most)?, range.unsure)?.initial)?;
		}
		if range.is_living_option {
			contracts = contracts.checked_add(most).ok_or(RiskError::Overflow)?;
		}
	}
	let curves = orders.iter().map(|order| &order.curve);
	let concentration = concentration::most(book, &evaluation.curve, curves, (spot, contracts))?;
	let concentration = book.factors.same(concentration, Rounding::Up)?.initial;
	let gamma_buffer = gamma_buffer::most(book, (paths, shift))?;
	let of = &mut evaluation.contingencies;
	of.naked_short.initial = naked;
	of.perpetual.initial = perpetual;
	of.confidence.initial = unsure;
	of.gamma_buffer.initial = gamma_buffer;
	of.concentration.initial = concentration;
	Ok(())
}

/// What is held, and all that orders sell.
fn sold(book: &Book) -> Vec<Leg> {
	let sells = book.orders.iter().filter(|order| order.size < 0);
	let leg = |exposure: &Exposure| {
		Some(Leg {
			instrument: exposure.instrument?,
			size: Contracts::from_inner(exposure.size),
			entry_value: UsdValue::ZERO,
			settled_at: None,
		})
	};
	book.exposures.iter().chain(sells).filter_map(leg).collect()
}

fn plus(a: UsdValue, b: UsdValue) -> Result<UsdValue, RiskError> {
	a.checked_add(b).ok_or(RiskError::Overflow)
}
