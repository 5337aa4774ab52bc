//! What can be asked for, and the answers.

use crate::input::{Account, Market, OptionTerms};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::hint::black_box;
use plimsoll_primitives::{OptionKind, Price, Stance, Svi};
use plimsoll_risk::{
	black76::{log_ratio, undiscounted, Deviation, Option76},
	kernel::{self, ScaledDeviation, ScaledPrice},
	margin, math, report, svi,
	tenor::Tenor,
	AccountState, MarketState, MathError, RiskArrays, RiskModel,
};

/// One thing to work out.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Job {
	/// ln, exp, sqrt, density and distribution of each argument, 64 bits after the point.
	#[codec(index = 0)]
	Functions(Vec<i128>),
	/// Price and derivatives of each option, from its terms.
	#[codec(index = 1)]
	Options(Vec<OptionTerms>),
	/// The price of each option before discounting, logarithm and deviation being known: what a
	/// scenario costs.
	#[codec(index = 2)]
	Revaluations(Vec<OptionTerms>),
	/// Equity and both margins. The account is an encoded [`Account`], decoded each time, as the
	/// chain does with its records; the market is shared, as in a block.
	#[codec(index = 3)]
	Margin { model: RiskModel, market: Market, account: Vec<u8>, stance: Stance },
	/// The same, told in full.
	#[codec(index = 4)]
	Report { model: RiskModel, market: Market, account: Vec<u8>, stance: Stance },
	/// Whether each surface may be used, and its total variance and deviation at a log-moneyness of
	/// 64 bits after the point.
	#[codec(index = 5)]
	Surfaces(Vec<(Svi, i128)>),
	/// The price of each option before discounting by the array kernel, all that depends on one of
	/// price and volatility alone being known: what a scenario of the grid costs. Those out of its
	/// domain have no answer.
	#[codec(index = 6)]
	Kernel(Vec<OptionTerms>),
	/// Equity and both margins of each account on risk arrays that know all that they hold; accounts
	/// are encoded and decoded as in [`Margin`](Self::Margin).
	#[codec(index = 7)]
	Sweep { model: RiskModel, market: Market, accounts: Vec<Vec<u8>>, stance: Stance },
	/// The sum of what [`Revaluations`](Self::Revaluations) answers, modulo 2^128: for the clock,
	/// which should not see answers being encoded.
	#[codec(index = 8)]
	SumOfRevaluations(Vec<OptionTerms>),
	/// The sum of what [`Kernel`](Self::Kernel) answers.
	#[codec(index = 9)]
	SumOfKernel(Vec<OptionTerms>),
	/// What the chain's `simulate` works out: a report at mark, and margins at the prices least and
	/// most favourable to the account.
	#[codec(index = 10)]
	Simulate { model: RiskModel, market: Market, account: Vec<u8> },
}

/// Jobs, and how often each is done; with zero times they are only decoded and prepared.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Task {
	/// How often each job is done.
	pub times: u32,
	/// In this order.
	pub jobs: Vec<Job>,
}

/// Does an encoded [`Task`]: the answers of its jobs one after the other, each the SCALE encoding of
/// every figure, or of nothing where the job was done zero times. Nothing also for what is no task.
pub fn run(task: &[u8]) -> Vec<u8> {
	let mut answer = Vec::new();
	let Ok(Task { times, jobs }) = Task::decode(&mut &*task) else { return answer };
	for job in jobs {
		match job {
			Job::Functions(arguments) => {
				repeat(times, &mut answer, || functions(black_box(&arguments)))
			}
			Job::Surfaces(surfaces) => {
				repeat(times, &mut answer, || variances(black_box(&surfaces)))
			}
			Job::Options(options) => repeat(times, &mut answer, || price(black_box(&options))),
			Job::Revaluations(options) => {
				let prepared: Vec<_> = options.iter().map(prepare).collect();
				repeat(times, &mut answer, || encoded(black_box(&prepared), revalue))
			}
			Job::SumOfRevaluations(options) => {
				let prepared: Vec<_> = options.iter().map(prepare).collect();
				repeat(times, &mut answer, || sum(black_box(&prepared), revalue))
			}
			Job::Kernel(options) => {
				let prepared: Vec<_> = options.iter().map(scale).collect();
				repeat(times, &mut answer, || encoded(black_box(&prepared), price_by_kernel))
			}
			Job::SumOfKernel(options) => {
				let prepared: Vec<_> = options.iter().map(scale).collect();
				repeat(times, &mut answer, || sum(black_box(&prepared), price_by_kernel))
			}
			Job::Margin { model, market, account, stance } => {
				let market = MarketState::from(market);
				repeat(times, &mut answer, || {
					decoded(black_box(&account))
						.map(|account| margin(&model, &market, &account, stance))
						.encode()
				})
			}
			Job::Sweep { model, market, accounts, stance } => {
				let market = MarketState::from(market);
				let Ok(mut arrays) = RiskArrays::new(&model, &market) else { continue };
				let mut sweep = || {
					let all = accounts.iter().map(|account| {
						decoded(black_box(account)).map(|account| arrays.margin(&account, stance))
					});
					all.collect::<Vec<_>>().encode()
				};
				// After the first time all is known.
				black_box(sweep());
				repeat(times, &mut answer, sweep)
			}
			Job::Report { model, market, account, stance } => {
				let market = MarketState::from(market);
				repeat(times, &mut answer, || {
					decoded(black_box(&account))
						.map(|account| report(&model, &market, &account, stance))
						.encode()
				})
			}
			Job::Simulate { model, market, account } => {
				let market = MarketState::from(market);
				repeat(times, &mut answer, || {
					decoded(black_box(&account))
						.map(|account| RiskArrays::new(&model, &market)?.standing(&account))
						.encode()
				})
			}
		}
	}
	answer
}

/// Works something out so many times and keeps the last answer.
fn repeat(times: u32, answer: &mut Vec<u8>, mut work: impl FnMut() -> Vec<u8>) {
	let mut last = Vec::new();
	for _ in 0..times {
		last = black_box(work());
	}
	answer.extend_from_slice(&last);
}

fn decoded(mut account: &[u8]) -> Option<AccountState> {
	Account::decode(&mut account).ok().map(AccountState::from)
}

fn functions(arguments: &[i128]) -> Vec<u8> {
	let mut answer = Vec::with_capacity(arguments.len().saturating_mul(85));
	for bits in arguments {
		let argument = math::Fixed::from_bits(*bits);
		let bits = |value: Result<math::Fixed, MathError>| value.ok().map(math::Fixed::to_bits);
		let values = [
			bits(math::ln(argument)),
			bits(math::exp(argument)),
			bits(math::sqrt(argument)),
			bits(Ok(math::density(argument))),
			bits(Ok(math::distribution(argument))),
		];
		values.encode_to(&mut answer);
	}
	answer
}

fn variances(surfaces: &[(Svi, i128)]) -> Vec<u8> {
	let mut answer = Vec::with_capacity(surfaces.len().saturating_mul(37));
	for (surface, k) in surfaces {
		let k = math::Fixed::from_bits(*k);
		svi::check(surface).encode_to(&mut answer);
		let values = svi::Slice::new(surface).ok().map(|slice| {
			let bits = |value: Result<math::Fixed, MathError>| value.ok().map(math::Fixed::to_bits);
			(bits(slice.total_variance(k)), bits(slice.deviation(k)))
		});
		values.encode_to(&mut answer);
	}
	answer
}

/// What [`undiscounted`] takes.
type Prepared = (OptionTerms, Option<math::Fixed>, Option<Deviation>);

fn prepare(option: &OptionTerms) -> Prepared {
	let deviation = Tenor::from_milliseconds(option.milliseconds)
		.and_then(|tenor| tenor.deviation(option.volatility))
		.and_then(Deviation::new);
	(*option, log_ratio(option.forward, option.strike), deviation.ok())
}

fn revalue((option, ratio, deviation): &Prepared) -> Option<Price> {
	let deviation = deviation.as_ref()?;
	Some(undiscounted(option.kind, option.forward, option.strike, *ratio, deviation))
}

/// Every answer.
fn encoded<T>(options: &[T], price: impl Fn(&T) -> Option<Price>) -> Vec<u8> {
	let mut answer = Vec::with_capacity(options.len().saturating_mul(17));
	for option in options {
		price(option).encode_to(&mut answer);
	}
	answer
}

/// All answers in one number.
fn sum<T>(options: &[T], price: impl Fn(&T) -> Option<Price>) -> Vec<u8> {
	let values = options.iter().filter_map(price).map(Price::into_inner);
	values.fold(0u128, u128::wrapping_add).encode()
}

/// What the array kernel takes.
type Scaled = (OptionKind, Option<(ScaledPrice, ScaledPrice, ScaledDeviation)>);

fn scale(option: &OptionTerms) -> Scaled {
	let price = |price: Price| {
		let log = math::ln_integer(price.into_inner()).ok()?;
		ScaledPrice::new(price, log)
	};
	let deviation = Tenor::from_milliseconds(option.milliseconds)
		.and_then(|tenor| tenor.deviation(option.volatility))
		.ok()
		.and_then(ScaledDeviation::new);
	let scaled = price(option.forward).zip(price(option.strike)).zip(deviation);
	(option.kind, scaled.map(|((forward, strike), deviation)| (forward, strike, deviation)))
}

fn price_by_kernel((kind, scaled): &Scaled) -> Option<Price> {
	let (forward, strike, deviation) = scaled.as_ref()?;
	Some(kernel::undiscounted(*kind, forward, strike, deviation))
}

fn price(options: &[OptionTerms]) -> Vec<u8> {
	let mut answer = Vec::with_capacity(options.len().saturating_mul(84));
	for terms in options {
		priced(terms).ok().encode_to(&mut answer);
	}
	answer
}

/// (price, delta, gamma, vega, theta), as raw integers.
type Priced = (u128, i128, i128, i128, i128);

fn priced(terms: &OptionTerms) -> Result<Priced, MathError> {
	let OptionTerms { kind, forward, strike, volatility, milliseconds, rate } = *terms;
	let tenor = Tenor::from_milliseconds(milliseconds)?;
	let option = Option76::new(kind, forward, strike, volatility, &tenor, rate)?;
	let price = option.price()?.into_inner();
	let greeks = option.greeks(&tenor, rate)?;
	let (gamma, vega, theta) = (greeks.gamma, greeks.vega, greeks.theta);
	Ok((price, greeks.delta.to_bits(), gamma.into_inner(), vega.into_inner(), theta.into_inner()))
}
