//! The gamma buffer: what options about to expire may lose in a jump, beyond what the scan has of it.
//!
//! For one expiry, its options' value V, delta Δ and forward F now:
//! - `N(p) = V(F) − V(p) + Δ·(p − F)` is the loss of a jump to p with the delta part removed, by full
//!   revaluation with volatility and time unmoved. Near expiry it stays bounded by the payoff, where
//!   ½Γ(p − F)² would not;
//! - `G = max(0, N(F·(1 + j)), N(F·(1 − j)))`; what a settlement average has fixed does not jump;
//! - `already = max(0, weight · (loss + Δ·(p − F)))`: what the options lose in what the scan is the
//!   loss of (a scenario, a payoff at expiry, the basis shock), where their forward is p, beyond what
//!   their delta loses there. What a volatility move and static discounting take counts as well. Zero
//!   where nothing loses;
//! - the charge is `w · max(0, G − already)`, so never below zero and never above G.
//!
//! The charge is the same in both margins. Given which side of the jump is worse and whether
//! `already` is above zero it is a sum over the legs, by which it is split: a long option beside a
//! short one of its expiry has a negative part.

use crate::{
	black76::Option76,
	book::{Book, Exposure, Owner, Payoff},
	curve::Curve,
	engine::{Binding, Detail, Path, Quoted},
	error::RiskError,
	fixed::{multiply_decimal, scale_down, Fixed, Wide, ZERO},
	level::{Level, LevelKind},
	model::GammaBuffer,
	portfolio::Valued,
	report::Requirement,
	reporting::binding_loss,
	series::{Series, Shift},
};
use alloc::{rc::Rc, vec::Vec};
use plimsoll_primitives::{number::SCALE, OptionKind, Price, Rounding, UsdValue};

/// One expiry's charge.
pub(crate) struct Buffer {
	/// The expiry's level.
	pub(crate) level: usize,
	/// j, 18 decimals.
	pub(crate) jump: u128,
	/// w, 18 decimals, rounded up.
	share: u128,
	/// The forward after the jump, to the worse side.
	after: Quoted,
	/// Whether something is taken off for what the scan has.
	is_reduced: bool,
	/// Rounded up, not negative.
	pub(crate) charge: UsdValue,
}

/// An option and its tangent now.
struct Tangent<'a> {
	exposure: &'a Exposure,
	series: &'a Series,
	mark: Price,
	/// dV/dF, per contract.
	delta: Fixed,
}

/// What `exposures`, whose losses `curve` has and whose scan is the loss of `binding`, are charged at
/// each near expiry; those that are charged nothing are left out.
pub(crate) fn buffers(
	book: &Book,
	exposures: &[Exposure],
	curve: &Curve,
	(paths, shift): (&[Rc<Path>], Option<Shift>),
	binding: Option<Binding>,
) -> Result<Vec<Buffer>, RiskError> {
	let mut buffers = Vec::new();
	let Some(terms) = &book.gamma_buffer else { return Ok(buffers) };
	for (index, (level, path)) in book.levels.iter().zip(paths).enumerate() {
		let Some(share) = share(terms, level) else { continue };
		let options = tangents(exposures, index, level, &path.0, shift)?;
		if options.is_empty() {
			continue;
		}
		let jump = jump(book, terms, &options, path.0.price)?;
		let shared = shift.filter(|_| jump == terms.jump.min(terms.most).into_inner());
		let (loss, after) = worse_side(&options, level, &path.0, jump, shared)?;
		let already = match binding {
			None => 0,
			Some(binding) => {
				let met = Met::new(book, exposures, curve, paths, binding, index)?;
				met.already(&options, path.0.price)?
			}
		};
		let gap = loss.checked_sub(already.max(0)).ok_or(RiskError::Overflow)?.max(0);
		let charge = multiply_decimal(gap, share, Rounding::Up)?;
		if charge > 0 {
			let charge = UsdValue::from_inner(charge);
			let is_reduced = already > 0;
			buffers.push(Buffer { level: index, jump, share, after, is_reduced, charge });
		}
	}
	Ok(buffers)
}

/// w at this level: rounded up; `None` where it is no expiry or before the window.
fn share(terms: &GammaBuffer, level: &Level) -> Option<u128> {
	if !matches!(level.kind, LevelKind::Expiry(_)) {
		return None;
	}
	let passed =
		terms.window.checked_sub(level.tenor.milliseconds()).filter(|passed| *passed > 0)?;
	// Below 2^64 · 2^60.
	(u128::from(passed) * SCALE)
		.checked_add(u128::from(terms.window) - 1)?
		.checked_div(terms.window.into())
}

/// The living options of a level.
fn tangents<'a>(
	exposures: &'a [Exposure],
	index: usize,
	level: &Level,
	now: &Quoted,
	shift: Option<Shift>,
) -> Result<Vec<Tangent<'a>>, RiskError> {
	let mut options = Vec::new();
	for exposure in exposures.iter().filter(|exposure| exposure.level == index) {
		let Payoff::Option(series) = &exposure.payoff else { continue };
		let option = Option76 {
			kind: series.kind,
			forward: now.price,
			strike: series.strike,
			deviation: series.deviations.now,
			discount: level.discount,
		};
		let known = shift.and_then(|shift| series.values.known(shift));
		let mark = match known {
			Some(values) => values.mark,
			None => exposure.mark(now, level)?,
		};
		let delta = match shift {
			Some(shift) => *series.delta.at(shift, || Ok(option.delta()?))?,
			None => option.delta()?,
		};
		options.push(Tangent { exposure, series, mark, delta });
	}
	Ok(options)
}

/// j, 18 decimals, rounded up.
fn jump(
	book: &Book,
	terms: &GammaBuffer,
	options: &[Tangent],
	forward: Price,
) -> Result<u128, RiskError> {
	if book.liquidity.options.into_inner() == 0 || terms.jump_per_size.into_inner() == 0 {
		return Ok(terms.jump.min(terms.most).into_inner());
	}
	let contracts = net_contracts(options.iter().map(|option| option.exposure))?;
	jump_of(book, terms, contracts, forward)
}

/// The same for so many contracts.
fn jump_of(
	book: &Book,
	terms: &GammaBuffer,
	contracts: i128,
	forward: Price,
) -> Result<u128, RiskError> {
	let (least, most) = (terms.jump.into_inner(), terms.most.into_inner());
	let liquidity = book.liquidity.options.into_inner();
	if liquidity == 0 || terms.jump_per_size.into_inner() == 0 {
		return Ok(least.min(most));
	}
	let notional = Wide::product(forward.into_inner(), contracts).to_decimal(Rounding::Up)?;
	let gain = multiply_decimal(notional, terms.jump_per_size.into_inner(), Rounding::Up)?;
	// What does not fit is beyond the largest jump.
	let Ok((gain, rest)) = Wide::from_decimal(gain).divide(liquidity) else { return Ok(most) };
	let gain = gain.unsigned_abs().saturating_add(u128::from(rest != 0));
	Ok(least.saturating_add(gain).min(most))
}

/// Contracts of living options, net by series and without their signs: Σ over series |Σ size|.
pub(crate) fn net_contracts<'a>(
	options: impl Iterator<Item = &'a Exposure>,
) -> Result<i128, RiskError> {
	let mut series: Vec<_> = options
		.filter(|exposure| exposure.is_living_option())
		.filter_map(|exposure| {
			let (kind, strike) = exposure.terms()?;
			let expiry = exposure.instrument?.expiry()?;
			Some((expiry, strike, kind == OptionKind::Call, exposure.size))
		})
		.collect();
	series.sort_unstable_by_key(|(expiry, strike, kind, _)| (*expiry, *strike, *kind));
	let mut sum = 0i128;
	for same in series.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
		let net = same.iter().try_fold(0i128, |net, (.., size)| net.checked_add(*size));
		let size = net.and_then(i128::checked_abs);
		sum = size.and_then(|size| sum.checked_add(size)).ok_or(RiskError::Overflow)?;
	}
	Ok(sum)
}

/// G, rounded up, and the forward after the jump to that side. `shared` for the least jump of a shift:
/// others make it, too.
fn worse_side(
	options: &[Tangent],
	level: &Level,
	now: &Quoted,
	jump: u128,
	shared: Option<Shift>,
) -> Result<(i128, Quoted), RiskError> {
	let after = |factor: u128| -> Result<Quoted, RiskError> {
		Ok(Quoted::new(level.moved(now.price, factor)?))
	};
	// The largest jump is below one.
	let (up, down) = (after(SCALE.saturating_add(jump))?, after(SCALE.saturating_sub(jump))?);
	let (mut risen, mut fallen) = (Wide::ZERO, Wide::ZERO);
	for option in options {
		let exposure = option.exposure;
		let both = || Ok((exposure.mark(&up, level)?, exposure.mark(&down, level)?));
		let (high, low) = match shared {
			Some(shift) => *option.series.jumped.at(shift, both)?,
			None => both()?,
		};
		risen = risen.add(option.jump_loss(now, &up, high)?)?;
		fallen = fallen.add(option.jump_loss(now, &down, low)?)?;
	}
	let mut worst = (0, *now);
	for (loss, after) in [(risen, up), (fallen, down)] {
		let loss = loss.to_decimal(Rounding::Up)?;
		if loss > worst.0 {
			worst = (loss, after);
		}
	}
	Ok(worst)
}

impl Tangent<'_> {
	/// Δ·(to − from) of the position, each contract's to 1e-18 USD towards zero.
	fn delta_gain(&self, from: Price, to: Price) -> Result<Wide, RiskError> {
		let magnitude = Fixed::from_bits(self.delta.to_bits().saturating_abs());
		let (from, to) = (from.into_inner(), to.into_inner());
		let gain = scale_down(to.abs_diff(from), magnitude)?;
		let opposite = self.exposure.size.checked_neg().ok_or(RiskError::Overflow)?;
		let is_fall = (to < from) != (self.delta < ZERO);
		Ok(Wide::product(gain, if is_fall { opposite } else { self.exposure.size }))
	}

	/// The position's part of N, each contract being worth `value` after the jump.
	fn jump_loss(&self, now: &Quoted, after: &Quoted, value: Price) -> Result<Wide, RiskError> {
		let size = self.exposure.size;
		let loss = Wide::product(self.mark.into_inner(), size)
			.subtract(Wide::product(value.into_inner(), size))?;
		Ok(loss.add(self.delta_gain(now.price, after.price)?)?)
	}
}

/// What the scan is the loss of, as one expiry's options meet it.
struct Met {
	/// The expiry's forward there.
	price: Price,
	/// What the options lose, before its weight.
	loss: Wide,
	/// The part of the loss that counts, 18 decimals.
	weight: u128,
}

impl Met {
	fn new(
		book: &Book,
		exposures: &[Exposure],
		curve: &Curve,
		paths: &[Rc<Path>],
		binding: Binding,
		level: usize,
	) -> Result<Self, RiskError> {
		let path = paths.get(level).ok_or(RiskError::OutOfDomain)?;
		let price =
			|shock: usize| path.1.get(shock).map(|to| to.price).ok_or(RiskError::OutOfDomain);
		Ok(match binding {
			Binding::Scenario(index) => {
				let shock = book.shocks.get(index).ok_or(RiskError::OutOfDomain)?;
				let loss = curve.options_loss(book, level, index)?;
				Self { price: price(index)?, loss, weight: shock.weight.into_inner() }
			}
			Binding::Payoff(point) => {
				let loss = point.options_loss(book, exposures, curve, level)?;
				Self { price: point.level_price(path, level)?, loss, weight: SCALE }
			}
			Binding::Basis => {
				let side = curve.basis_shock(book, level)?;
				match side.shock {
					Some(index) => {
						let loss = curve.uncut_options(level, index)?;
						Self { price: price(index)?, loss, weight: side.factor }
					}
					None => Self { price: path.0.price, loss: Wide::ZERO, weight: 0 },
				}
			}
		})
	}

	/// What is lost here beyond delta, rounded down; may be a gain.
	fn already(&self, options: &[Tangent], now: Price) -> Result<i128, RiskError> {
		let mut loss = self.loss;
		for option in options {
			loss = loss.add(option.delta_gain(now, self.price)?)?;
		}
		Ok(multiply_decimal(loss.to_decimal(Rounding::Down)?, self.weight, Rounding::Down)?)
	}
}

/// The most that the buffers together may come to in initial margin whichever of the book's orders
/// fill, rounded up.
///
/// What fills may change what the scan is the loss of, so nothing is taken off for what the scan has
/// already. A long option gains in a jump beyond its delta and a short one loses, both the more the
/// further it goes. So, however far it goes: the short ones held and all that orders sell as far as with
/// the most contracts that there may be, the long ones held as far as with the fewest, and nothing that
/// orders buy.
pub(crate) fn most(
	book: &Book,
	(paths, shift): (&[Rc<Path>], Option<Shift>),
) -> Result<UsdValue, RiskError> {
	let mut sum = UsdValue::ZERO;
	let Some(terms) = &book.gamma_buffer else { return Ok(sum) };
	for (index, (level, path)) in book.levels.iter().zip(paths).enumerate() {
		let Some(share) = share(terms, level) else { continue };
		let mut options = tangents(&book.exposures, index, level, &path.0, shift)?;
		let ordered = tangents(&book.orders, index, level, &path.0, shift)?;
		options.extend(ordered.into_iter().filter(|option| option.exposure.size < 0));
		if options.is_empty() {
			continue;
		}
		let (mut fewest, mut most) = (0i128, 0i128);
		let expiry = match level.kind {
			LevelKind::Expiry(expiry) => Some(expiry),
			_ => None,
		};
		for range in book.ranges.iter().filter(|range| range.is_living_option) {
			if range.instrument.expiry() == expiry {
				fewest = fewest.checked_add(range.least()).ok_or(RiskError::Overflow)?;
				most = most.checked_add(range.most()?).ok_or(RiskError::Overflow)?;
			}
		}
		let near = jump_of(book, terms, fewest, path.0.price)?;
		let far = jump_of(book, terms, most, path.0.price)?;
		let loss = worst_of_each(&options, level, &path.0, (near, far))?;
		let charge = UsdValue::from_inner(multiply_decimal(loss, share, Rounding::Up)?);
		let charge = book.factors.same(charge, Rounding::Up)?.initial;
		sum = sum.checked_add(charge).ok_or(RiskError::Overflow)?;
	}
	Ok(sum)
}

/// G when long options jump by the first and short ones by the second; rounded up.
fn worst_of_each(
	options: &[Tangent],
	level: &Level,
	now: &Quoted,
	(near, far): (u128, u128),
) -> Result<i128, RiskError> {
	let mut worst = 0;
	for up in [true, false] {
		let after = |jump: u128| -> Result<Quoted, RiskError> {
			// The largest jump is below one.
			let factor = if up { SCALE.saturating_add(jump) } else { SCALE.saturating_sub(jump) };
			Ok(Quoted::new(level.moved(now.price, factor)?))
		};
		let (near, far) = (after(near)?, after(far)?);
		let mut sum = Wide::ZERO;
		for option in options {
			let to = if option.exposure.size < 0 { &far } else { &near };
			let value = option.exposure.mark(to, level)?;
			sum = sum.add(option.jump_loss(now, to, value)?)?;
		}
		worst = worst.max(sum.to_decimal(Rounding::Up)?);
	}
	Ok(worst)
}

/// Each leg's part of the buffers, rounded down; what that leaves goes to the last option of each
/// expiry.
pub(crate) fn split(
	valued: &Valued,
	details: &[Detail],
	paths: &[Rc<Path>],
) -> Result<Vec<(Owner, Requirement)>, RiskError> {
	let mut parts = Vec::new();
	for buffer in &valued.evaluation.gamma_buffers {
		split_expiry(valued, details, paths, buffer, &mut parts)?;
	}
	Ok(parts)
}

fn split_expiry(
	valued: &Valued,
	details: &[Detail],
	paths: &[Rc<Path>],
	buffer: &Buffer,
	parts: &mut Vec<(Owner, Requirement)>,
) -> Result<(), RiskError> {
	let Valued { book, evaluation } = valued;
	let (level, path) =
		book.levels.get(buffer.level).zip(paths.get(buffer.level)).ok_or(RiskError::OutOfDomain)?;
	let now = &path.0;
	let reduction = match evaluation.binding.filter(|_| buffer.is_reduced) {
		None => None,
		Some(binding) => {
			let curve = &evaluation.curve;
			let met = Met::new(book, &book.exposures, curve, paths, binding, buffer.level)?;
			Some((binding, met))
		}
	};
	let mut rest = book.factors.same(buffer.charge, Rounding::Up)?;
	let options = tangents(&book.exposures, buffer.level, level, now, evaluation.shift)?;
	// The same exposures, in the same order.
	let own = book
		.exposures
		.iter()
		.zip(details)
		.filter(|(exposure, _)| exposure.level == buffer.level && exposure.is_living_option());
	for (index, (option, (exposure, detail))) in options.iter().zip(own).enumerate() {
		let value = option.exposure.mark(&buffer.after, level)?;
		let loss = option.jump_loss(now, &buffer.after, value)?;
		let mut loss = loss.to_decimal(Rounding::Down)?;
		if let Some((binding, met)) = &reduction {
			let delta = option.delta_gain(now.price, met.price)?.to_decimal(Rounding::Down)?;
			let delta = multiply_decimal(delta, met.weight, Rounding::Down)?;
			let charged = binding_loss(valued, *binding, exposure, detail)?.into_inner();
			loss = charged
				.checked_add(delta)
				.and_then(|already| loss.checked_sub(already))
				.ok_or(RiskError::Overflow)?;
		}
		let part = multiply_decimal(loss, buffer.share, Rounding::Down)?;
		let mut part = book.factors.same(UsdValue::from_inner(part), Rounding::Down)?;
		if index.saturating_add(1) == options.len() {
			part = rest;
		}
		rest = rest.minus(&part)?;
		parts.push((exposure.owner, part));
	}
	Ok(())
}
