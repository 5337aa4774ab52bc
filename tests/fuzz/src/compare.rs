//! What must hold of a case.

use crate::{
	bytes::Bytes,
	case::Case,
	figure::Figure,
	reference::{Both, Reference, Underlying},
};
use plimsoll_primitives::{Stance, UsdValue};
use plimsoll_risk::{margin, report, Margin, Requirement, RiskReport, UnderlyingReport};

/// What the engine and the reference may differ by beyond the reference's bound, USD.
const ABSOLUTE: f64 = 1e-15;
/// The same, relative.
const RELATIVE: f64 = 1e-14;
/// The most that may be tolerated of scans, and of the base (joint scenarios have weights of 20 binary
/// digits), for the comparison to say something: of the account's gross value.
const TIGHT: (f64, f64) = (1e-11, 1e-4);

/// What was found of a case in which all is as it must be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
	/// Whether the model is one that the chain would take.
	pub is_valid: bool,
	/// Whether every input has a size that a market has.
	pub is_ordinary: bool,
	/// Whether the engine gave margins.
	pub is_valued: bool,
	/// How many figures were compared with the reference.
	pub compared: usize,
	/// Whether scans and the base were known to within [`TIGHT`] of the account's gross value.
	pub is_tight: bool,
	/// Whether margins were compared.
	pub has_margins: bool,
	/// Whether a gamma buffer above zero was compared.
	pub has_gamma_buffer: bool,
	/// Which candidate the base is, of joint, one market, largest, floor.
	pub binding: Option<usize>,
}

/// [`check`] of what bytes become.
pub fn check_bytes(bytes: &[u8]) -> Result<Outcome, String> {
	check(&Case::new(&mut Bytes::new(bytes)))
}

/// Values a case and compares; an error says what is wrong.
pub fn check(case: &Case) -> Result<Outcome, String> {
	let Case { model, market, account, is_ordinary, is_referenced } = case;
	let is_valid = model.validate().is_ok();
	let mut outcome = Outcome { is_valid, is_ordinary: *is_ordinary, ..Outcome::default() };
	let mut at_mark = None;
	for stance in [Stance::Favourable, Stance::Unfavourable, Stance::Mark] {
		let valued = margin(model, market, account, stance);
		if is_valid && *is_ordinary && valued.is_err() {
			return Err(format!("an ordinary case has no margin: {valued:?}"));
		}
		at_mark = valued.ok();
		if let Some(margin) = at_mark.filter(|_| is_valid) {
			sound(&margin)?;
		}
	}
	outcome.is_valued = at_mark.is_some();
	let Some(margin) = at_mark else { return Ok(outcome) };
	let told = report(model, market, account, Stance::Mark);
	if is_valid && *is_ordinary && told.is_err() {
		return Err(format!("an ordinary case has no report: {told:?}"));
	}
	let Ok(told) = told else { return Ok(outcome) };
	if told.margin != margin {
		return Err(format!("the report has {:?}, margin() has {margin:?}", told.margin));
	}
	sums(&told)?;
	let reference = Reference::new(case).filter(|_| is_valid && *is_referenced);
	if is_valid && *is_ordinary && reference.is_none() {
		return Err("an ordinary case has no reference".into());
	}
	if let Some(reference) = reference {
		let mut against = Against { is_ordinary: *is_ordinary, compared: 0 };
		against.all(&told, &reference)?;
		outcome.compared = against.compared;
		outcome.has_margins = reference.margins.is_some();
		let gamma = reference.underlyings.iter().filter_map(|u| u.gamma_buffer);
		outcome.has_gamma_buffer = gamma.map(|buffer| buffer.maintenance.value).sum::<f64>() > 0.0;
		let [candidates @ .., amount] = reference.base;
		outcome.binding = candidates.iter().position(|candidate| candidate.value >= amount.value);
		let scans = reference.underlyings.iter().map(|underlying| tolerance(underlying.scan));
		// At least a cent.
		let gross = gross(case).max(0.01);
		outcome.is_tight =
			!(scans.sum::<f64>() > TIGHT.0 * gross || tolerance(amount) > TIGHT.1 * gross);
	}
	Ok(outcome)
}

/// Contracts times spot, without signs, and collateral.
fn gross(case: &Case) -> f64 {
	let spot = |id| {
		let state = case.market.underlying(id);
		state.map_or(0.0, |state| state.prices.spot.into_inner() as f64 / 1e18)
	};
	let legs =
		case.account.legs.iter().map(|leg| {
			spot(leg.instrument.underlying) * leg.size.into_inner().unsigned_abs() as f64
		});
	let held = case
		.account
		.collateral
		.iter()
		.map(|holding| spot(holding.feed) * holding.amount.into_inner().unsigned_abs() as f64);
	legs.chain(held).sum::<f64>() / 1e18
}

/// What holds of margins whatever the inputs.
fn sound(margin: &Margin) -> Result<(), String> {
	let Margin { equity, net_value, initial, maintenance } = margin;
	if maintenance.is_negative() || initial < maintenance || net_value < equity {
		return Err(format!("unsound: {margin:?}"));
	}
	Ok(())
}

/// Contributions sum to the margins to the unit, and so do the underlyings' parts.
fn sums(report: &RiskReport) -> Result<(), String> {
	let legs = report.legs.iter().map(|leg| leg.contribution);
	let held = report.collateral.iter().map(|holding| holding.contribution);
	let parts = report.underlyings.iter().map(|underlying| underlying.requirement);
	// Single parts may be far larger than their sum, which fits.
	let sum = |parts: &mut dyn Iterator<Item = Requirement>| {
		parts.fold((0i128, 0i128), |(initial, maintenance), part| {
			(
				initial.wrapping_add(part.initial.into_inner()),
				maintenance.wrapping_add(part.maintenance.into_inner()),
			)
		})
	};
	let margins = (report.margin.initial.into_inner(), report.margin.maintenance.into_inner());
	let by_exposure = sum(&mut legs.chain(held));
	let by_underlying = sum(&mut parts.into_iter());
	if by_exposure != margins || by_underlying != margins {
		return Err(format!("{margins:?} is split into {by_exposure:?} and {by_underlying:?}"));
	}
	Ok(())
}

/// What a figure may be off by.
fn tolerance(figure: Figure) -> f64 {
	figure.error + RELATIVE * figure.value.abs() + ABSOLUTE
}

/// The comparison of one case.
struct Against {
	is_ordinary: bool,
	compared: usize,
}

impl Against {
	fn figure(&mut self, name: &str, ours: f64, figure: Figure) -> Result<(), String> {
		let allowed = tolerance(figure);
		let is_known = figure.value.is_finite() && allowed.is_finite();
		if !self.is_ordinary && !is_known {
			// Beyond what floats hold.
			return Ok(());
		}
		self.compared += 1;
		let off = (ours - figure.value).abs();
		if off <= allowed {
			return Ok(());
		}
		let expected = figure.value;
		Err(format!("{name} is {ours:e}, not {expected:e}: off by {off:e}, allowed {allowed:e}"))
	}

	fn usd(&mut self, name: &str, value: UsdValue, figure: Figure) -> Result<(), String> {
		self.figure(name, value.into_inner() as f64 / 1e18, figure)
	}

	fn both(&mut self, name: &str, ours: Requirement, figures: Both) -> Result<(), String> {
		self.usd(&format!("{name}, initial"), ours.initial, figures.initial)?;
		self.usd(&format!("{name}, maintenance"), ours.maintenance, figures.maintenance)
	}

	fn all(&mut self, report: &RiskReport, reference: &Reference) -> Result<(), String> {
		for (index, (leg, mark)) in report.legs.iter().zip(&reference.marks).enumerate() {
			let Some(mark) = mark else { continue };
			let ours = leg.mark.into_inner() as f64 / 1e18;
			self.figure(&format!("mark of leg {index}"), ours, *mark)?;
		}
		self.usd("equity", report.margin.equity, reference.equity)?;
		self.usd("net value", report.margin.net_value, reference.net_value)?;
		if report.underlyings.len() != reference.underlyings.len() {
			return Err("other underlyings".into());
		}
		for (ours, theirs) in report.underlyings.iter().zip(&reference.underlyings) {
			self.underlying(ours, theirs).map_err(|words| format!("{:?}: {words}", theirs.id))?;
		}
		let base = &report.base;
		let [joint, one_market, largest, floor, amount] = reference.base;
		self.usd("joint loss", base.joint, joint)?;
		self.usd("one market", base.one_market, one_market)?;
		self.usd("largest scan", base.largest, largest)?;
		self.usd("floor", base.floor, floor)?;
		self.usd("base", base.amount, amount)?;
		let factor = report.initial_factor.into_inner() as f64 / 1e18;
		self.figure("initial factor", factor, reference.initial_factor)?;
		let Margin { initial, maintenance, .. } = report.margin;
		match reference.margins {
			Some(margins) => self.both("margin", Requirement { initial, maintenance }, margins),
			None => Ok(()),
		}
	}

	fn underlying(&mut self, ours: &UnderlyingReport, theirs: &Underlying) -> Result<(), String> {
		if (ours.underlying, ours.losses.len()) != (theirs.id, theirs.losses.len()) {
			return Err(format!("{:?} has {} losses", ours.underlying, ours.losses.len()));
		}
		for (index, (loss, figure)) in ours.losses.iter().zip(&theirs.losses).enumerate() {
			self.usd(&format!("loss in scenario {index}"), *loss, *figure)?;
		}
		self.usd("basis shock", ours.basis, theirs.basis)?;
		self.usd("scan", ours.scan, theirs.scan)?;
		self.usd("delta notional", ours.delta_notional, theirs.delta_notional)?;
		self.usd("option notional", ours.option_notional, theirs.option_notional)?;
		let charges = &ours.contingencies;
		self.both("naked shorts", charges.naked_short, theirs.naked_short)?;
		self.both("perpetuals", charges.perpetual, theirs.perpetual)?;
		self.both("concentration", charges.concentration, theirs.concentration)?;
		let gamma = charges.gamma_buffer;
		if let Some(figures) = theirs.gamma_buffer {
			self.both("gamma buffer", gamma, figures)?;
		}
		let most = theirs.gamma_most.value + tolerance(theirs.gamma_most);
		let usd = gamma.maintenance.into_inner() as f64 / 1e18;
		if gamma.maintenance.is_negative() || usd > most {
			return Err(format!("the gamma buffer is {usd:e}, at most {most:e}"));
		}
		Ok(())
	}
}
