//! Pairs: what is traded, in what steps, and within which bounds.

use crate::{order::Grid, Books, Config, Error, Event, Pairs, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Get};
use plimsoll_primitives::{
	money, Amount, Balance, CollateralId, CollateralTerms, InstrumentRegistry, OrderSide, Price,
	PriceOracle, Rounding, UsdValue,
};
use scale_info::TypeInfo;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, DispatchResult, Permill,
	Rounding as Direction,
};

/// On what terms a collateral asset is traded against the settlement asset.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PairTerms {
	/// What prices of orders are whole multiples of: settlement asset for one whole collateral asset,
	/// 18 decimals. A lot at one tick must come to a whole number of settlement units, so that nothing that
	/// fills in the book is ever rounded.
	pub tick: Price,
	/// What amounts are whole multiples of, in the asset's own units; above zero, and when it is set no less than
	/// an account may hold of the asset, so that no fill brings anybody less.
	pub lot: Balance,
	/// The least that a swap or an order is worth, USD: a swap at the oracle's price, an order at its own,
	/// with the settlement asset at par.
	pub minimum_value: UsdValue,
	/// How far from the oracle's price it trades, as a part of that; more than nothing and less than
	/// all of it.
	pub price_band: Permill,
}

/// A pair with all that trading it needs to know.
pub(crate) struct Market<T: Config> {
	pub collateral: CollateralId,
	pub terms: PairTerms,
	pub asset: CollateralTerms<T::AssetId>,
	pub grid: Grid,
}

/// The prices within which a pair trades, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
	pub lowest: Price,
	pub highest: Price,
}

impl Band {
	/// Whom a trade at `price` would harm too much: who buys above the band, who sells below it.
	pub fn harmed(&self, price: Price) -> Option<OrderSide> {
		if price > self.highest {
			Some(OrderSide::Buy)
		} else {
			(price < self.lowest).then_some(OrderSide::Sell)
		}
	}

	/// The worst price, or the edge of the band where that is nearer.
	pub fn limit(&self, side: OrderSide, worst: Price) -> Price {
		match side {
			OrderSide::Buy => worst.min(self.highest),
			OrderSide::Sell => worst.max(self.lowest),
		}
	}
}

impl<T: Config> Market<T> {
	/// A pair that is traded.
	pub fn of(collateral: CollateralId) -> Result<Self, Error<T>> {
		let terms = Pairs::<T>::get(collateral).ok_or(Error::<T>::UnknownPair)?;
		let asset = Pallet::<T>::pair_asset(collateral)?;
		let grid = Pallet::<T>::grid(&terms, &asset)?;
		Ok(Self { collateral, terms, asset, grid })
	}

	/// The price band around what the oracle says now, in the settlement asset.
	pub fn band(&self) -> Result<Band, Error<T>> {
		let no_price = |_| Error::<T>::NoPrice;
		let spot = T::Oracle::prices(self.asset.feed).map_err(no_price)?.spot;
		let settlement = T::Oracle::settlement_asset_price().map_err(no_price)?;
		let middle = multiply_by_rational_with_rounding(
			spot.into_inner(),
			Price::ONE.into_inner(),
			settlement.into_inner(),
			Direction::NearestPrefDown,
		);
		let middle = middle.ok_or(Error::<T>::Overflow)?;
		let width = self.terms.price_band.mul_floor(middle);
		// The band is a part of the price.
		let lowest = Price::from_inner(middle.saturating_sub(width));
		let highest = middle.checked_add(width).ok_or(Error::<T>::Overflow)?;
		Ok(Band { lowest, highest: Price::from_inner(highest) })
	}

	/// What an amount comes to at a price, rounded down.
	pub fn value(&self, price: Price, amount: Balance) -> Result<UsdValue, Error<T>> {
		Amount::try_from(amount)
			.ok()
			.and_then(|amount| money::quantity(amount, self.asset.decimals))
			.and_then(|whole| money::value(price, whole, Rounding::Down))
			.ok_or(Error::<T>::Overflow)
	}
}

impl<T: Config> Pallet<T> {
	/// The terms of a collateral asset that can be a pair.
	pub(crate) fn pair_asset(
		collateral: CollateralId,
	) -> Result<CollateralTerms<T::AssetId>, Error<T>> {
		let asset = T::Registry::collateral(collateral).ok_or(Error::<T>::UnknownCollateral)?;
		ensure!(asset.asset != T::SettlementAsset::get(), Error::<T>::SameAsset);
		Ok(asset)
	}

	/// What a pair's prices and amounts go in.
	pub(crate) fn grid(
		terms: &PairTerms,
		asset: &CollateralTerms<T::AssetId>,
	) -> Result<Grid, Error<T>> {
		let decimals = (asset.decimals, T::SettlementDecimals::get());
		Grid::new(terms.tick, terms.lot, decimals).ok_or(Error::<T>::InvalidTick)
	}

	pub(crate) fn do_set_pair(
		collateral: CollateralId,
		terms: Option<PairTerms>,
	) -> DispatchResult {
		let Some(terms) = terms else {
			Pairs::<T>::take(collateral).ok_or(Error::<T>::UnknownPair)?;
			Self::deposit_event(Event::PairRemoved { collateral });
			return Ok(());
		};
		let asset = Self::pair_asset(collateral)?;
		ensure!(terms.lot > 0, Error::<T>::InvalidLot);
		ensure!(terms.lot >= asset.minimum, Error::<T>::LotBelowMinimum);
		ensure!(terms.has_price_band(), Error::<T>::InvalidPriceBand);
		let grid = Self::grid(&terms, &asset)?;
		let is_same = Books::<T>::get(collateral).is_none_or(|book| book.grid == grid);
		ensure!(is_same, Error::<T>::OrdersRest);
		Pairs::<T>::insert(collateral, terms);
		Self::deposit_event(Event::PairSet { collateral, terms });
		Ok(())
	}
}

impl PairTerms {
	pub(crate) fn has_price_band(&self) -> bool {
		!self.price_band.is_zero() && self.price_band < Permill::one()
	}
}
