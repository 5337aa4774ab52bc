//! The engine's figures in floats, from what the model documents and none of the engine's code: each
//! with a bound on what both may be off by. At the middle prices of the market.

mod base;
mod black;
mod book;
mod charges;
mod laws;
mod level;
mod scan;

pub use charges::Both;

use crate::{case::Case, figure::Figure};
use base::Base;
use book::Book;
use charges::Charges;
use laws::fraction;
use level::dollars;
use plimsoll_primitives::{Contract, UnderlyingId};
use plimsoll_risk::Leg;
use scan::Scan;
use std::collections::BTreeSet;

/// All that is compared.
pub struct Reference {
	/// By leg; `None` where a settlement price is fixed.
	pub marks: Vec<Option<Figure>>,
	pub equity: Figure,
	pub net_value: Figure,
	pub underlyings: Vec<Underlying>,
	/// joint, one market, largest scan, floor, and the largest of them.
	pub base: [Figure; 5],
	pub initial_factor: Figure,
	/// `None` where a gamma buffer is open.
	pub margins: Option<Both>,
}

/// One underlying.
pub struct Underlying {
	pub id: UnderlyingId,
	pub losses: Vec<Figure>,
	pub basis: Figure,
	pub scan: Figure,
	pub naked_short: Both,
	pub perpetual: Both,
	pub concentration: Both,
	pub gamma_buffer: Option<Both>,
	/// No gamma buffer is larger.
	pub gamma_most: Figure,
	pub delta_notional: Figure,
	pub option_notional: Figure,
}

impl Reference {
	/// Of a case; `None` where the market lacks something.
	pub fn new(case: &Case) -> Option<Self> {
		let Case { model, market, account, .. } = case;
		let depeg = (fraction(model.depeg.threshold)
			- dollars(market.settlement_asset_price).value)
			.max(0.0) * fraction(model.depeg.factor);
		let initial_factor = fraction(model.initial_factor) + depeg;
		let scales = if model.scale_contingencies { initial_factor } else { 1.0 };
		let unsettled = account.legs.iter().filter(|leg| leg.settled_at.is_none());
		let mut ids: BTreeSet<_> = unsettled.map(|leg| leg.instrument.underlying).collect();
		ids.extend(account.collateral.iter().map(|holding| holding.feed));
		let mut marks = vec![None; account.legs.len()];
		let cash = Figure::of(account.cash.into_inner() as f64 / 1e18);
		let mut equity = cash + account.legs.iter().map(settled).sum();
		let mut underlyings = Vec::new();
		let mut scans = Vec::new();
		let mut charged = Some(Both::default());
		for id in ids {
			let book = Book::new(case, id)?;
			for exposure in &book.exposures {
				let Some(leg) = exposure.leg else { continue };
				marks[leg] = Some(exposure.mark);
				equity = equity + exposure.mark * exposure.size - entry(&account.legs[leg]);
			}
			let scan = Scan::of(&book);
			let charges = Charges::of(&book, &scan, &account.legs, scales);
			charged = charged.zip(charges.total()).map(|(sum, more)| sum.plus(more));
			underlyings.push(Underlying::new(id, &scan, charges));
			scans.push((id, scan));
		}
		let mut net_value = equity;
		for holding in &account.collateral {
			let spot = dollars(market.underlying(holding.feed)?.prices.spot);
			let value = spot * (holding.amount.into_inner() as f64 / 1e18);
			net_value = net_value + value;
			equity = equity + value * (1.0 - fraction(holding.haircut));
		}
		let base = Base::of(model, &market.joint, &scans);
		let margins = charged.map(|charged| {
			let initial = base.amount * initial_factor;
			let maintenance = base.amount * fraction(model.maintenance_factor);
			Both { initial, maintenance }.plus(charged)
		});
		let Base { amount, joint, one_market, largest, floor } = base;
		Some(Self {
			marks,
			equity,
			net_value,
			underlyings,
			base: [joint, one_market, largest, floor, amount],
			initial_factor: Figure::of(initial_factor),
			margins,
		})
	}
}

impl Underlying {
	fn new(id: UnderlyingId, scan: &Scan, charges: Charges) -> Self {
		Self {
			id,
			losses: scan.losses.clone(),
			basis: scan.basis,
			scan: scan.amount,
			naked_short: charges.naked_short,
			perpetual: charges.perpetual,
			concentration: charges.concentration,
			gamma_buffer: charges.gamma_buffer,
			gamma_most: charges.gamma_most,
			delta_notional: charges.delta_notional,
			option_notional: charges.option_notional,
		}
	}
}

/// What is taken off a leg's value.
fn entry(leg: &Leg) -> Figure {
	Figure::of(leg.entry_value.into_inner() as f64 / 1e18)
}

/// What a leg with a fixed settlement price is worth; nothing for others.
fn settled(leg: &Leg) -> Figure {
	let Some(price) = leg.settled_at.map(dollars) else { return Figure::ZERO };
	let paid = match leg.instrument.contract {
		Contract::Option { strike, kind, .. } => black::payoff(kind, price, dollars(strike).value),
		Contract::Perpetual | Contract::Future { .. } => price,
	};
	paid * (leg.size.into_inner() as f64 / 1e18) - entry(leg)
}
