//! How long things take, native and in wasm, and how that grows. Times are the thread's own on the
//! processor, so that others on the machine disturb them little.

use crate::{table::Table, wasm::Module};
use codec::Encode;
use cpu_time::ThreadTime;
use plimsoll_bench_bits::{cases, module::Failure, random::Random, same::Machine};
use plimsoll_bench_wasm::{run, Account, Job, OptionTerms, Task};
use plimsoll_primitives::{OptionKind, Price, Rate, Stance, UsdValue, Volatility};
use plimsoll_risk::RiskModel;
use std::hint::black_box;

/// Options in a measured list.
const OPTIONS: u16 = 1_024;
/// One USD, 18 decimals.
const USD: i128 = 1_000_000_000_000_000_000;
/// Accounts in a measured sweep.
const SWEPT: usize = 16;
/// Each time is the least of so many measurements: what disturbs them only adds.
const MEASUREMENTS: usize = 7;
/// How long one measurement lasts at least, nanoseconds.
const LEAST: f64 = 2e7;

/// Where a task runs.
pub enum Engine {
	/// In this process.
	Native,
	/// In the module.
	Wasm(Module),
}

impl Engine {
	fn name(&self) -> &'static str {
		match self {
			Self::Native => "native",
			Self::Wasm(_) => "wasm, the node's executor and settings",
		}
	}

	/// What is asked of wasm is not asked of native code.
	fn asked(&self, words: &'static str) -> &'static str {
		match self {
			Self::Native => "",
			Self::Wasm(_) => words,
		}
	}

	/// The answer and the nanoseconds that it took.
	fn timed(&mut self, task: &Task) -> Result<(Vec<u8>, f64), Failure> {
		let start = ThreadTime::now();
		let answer = match self {
			Self::Native => run(&task.encode()),
			Self::Wasm(module) => module.run(task)?,
		};
		Ok((answer, start.elapsed().as_secs_f64() * 1e9))
	}

	/// The least time of a few measurements.
	fn least(&mut self, task: &Task) -> Result<f64, Failure> {
		let mut least = f64::INFINITY;
		for _ in 0..MEASUREMENTS {
			least = least.min(self.timed(task)?.1);
		}
		Ok(least)
	}

	/// Nanoseconds that doing `job` once takes, without what is decoded and prepared before.
	fn nanoseconds(&mut self, job: Job) -> Result<f64, Failure> {
		// Some option's price; some account, and no error; so many of them.
		let accepted: &[u8] = match job {
			Job::Margin { .. } | Job::Report { .. } | Job::Simulate { .. } => &[1, 0],
			Job::Sweep { .. } => &[4 * SWEPT as u8, 1, 0],
			// A sum may begin with anything.
			Job::SumOfKernel(_) | Job::SumOfRevaluations(_) => &[],
			_ => &[1],
		};
		let mut task = Task { times: 1, jobs: vec![job] };
		let (answer, once) = self.timed(&task)?;
		if !answer.starts_with(accepted) {
			return Err(Failure::Other("a measured input was refused".into()));
		}
		task.times = (LEAST / once.max(1.0)).ceil().clamp(4.0, 1e6) as u32;
		let done = self.least(&task)?;
		let times = f64::from(task.times);
		task.times = 0;
		Ok((done - self.least(&task)?) / times)
	}
}

/// The time of `work` done once, in nanoseconds: the least of a few measurements.
pub fn least_nanoseconds(mut work: impl FnMut()) -> f64 {
	let start = ThreadTime::now();
	work();
	let once = start.elapsed().as_secs_f64() * 1e9;
	let times = (LEAST / once.max(1.0)).ceil().clamp(1.0, 1e6) as u32;
	let mut least = f64::INFINITY;
	for _ in 0..MEASUREMENTS {
		let start = ThreadTime::now();
		for _ in 0..times {
			work();
		}
		least = least.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(times));
	}
	black_box(least)
}

/// Options as they are traded: 60 % to 140 % of the forward, 40 % to 120 % volatility, a day to a
/// quarter.
fn traded_options() -> Vec<OptionTerms> {
	let mut random = Random::new(2);
	let option = |random: &mut Random| OptionTerms {
		kind: random.one_of(&[OptionKind::Call, OptionKind::Put], OptionKind::Call),
		forward: Price::from_u32(60_000),
		strike: Price::from_inner(cases::unsigned_scaled(random.between(36_000.0, 84_000.0))),
		volatility: Volatility::from_inner(cases::unsigned_scaled(random.between(0.4, 1.2))),
		milliseconds: random.between(8.64e7, 7.8e9) as u64,
		rate: Rate::from_inner(cases::scaled(0.04)),
	};
	(0..OPTIONS).map(|_| option(&mut random)).collect()
}

fn margin(model: RiskModel, account: &Account, underlyings: u16, stance: Stance) -> Job {
	Job::Margin { model, market: cases::market(underlyings), account: account.encode(), stance }
}

fn count(number: usize) -> f64 {
	u32::try_from(number).map_or(f64::NAN, f64::from)
}

/// Everything for one engine.
pub fn run_all(table: &mut Table, engine: &mut Engine) -> Result<(), Failure> {
	table.section(format!("speed, {}", engine.name()));
	let options = traded_options();
	let kernel = engine.nanoseconds(Job::SumOfKernel(options.clone()))? / f64::from(OPTIONS);
	let asked = engine.asked("40");
	let remark = "logarithms and deviation known";
	table.row("one option in one scenario, array kernel", kernel, "ns", asked, remark);
	let revaluation =
		engine.nanoseconds(Job::SumOfRevaluations(options.clone()))? / f64::from(OPTIONS);
	table.row("one option in one scenario, precise path", revaluation, "ns", "", remark);
	let priced = engine.nanoseconds(Job::Options(options))? / f64::from(OPTIONS);
	table.row("price and four Greeks from an option's terms", priced, "ns", "", "");
	throughput(table, engine)?;
	for legs in [64, 128] {
		for (words, stance) in
			[("at mark", Stance::Mark), ("at unfavourable prices", Stance::Unfavourable)]
		{
			let model = cases::standard_model(2);
			let scenarios = model.scenarios.len();
			let job = margin(model, &cases::account(legs, 2), 2, stance);
			let time = engine.nanoseconds(job)?;
			let name = format!("margin, {legs} legs × the standard model, {words}");
			let remark = format!("{scenarios} scenarios and 256 joint ones, two underlyings");
			table.row(name, time / 1e3, "µs", "", remark);
		}
		reports(table, engine, legs)?;
	}
	if matches!(engine, Engine::Wasm(_)) {
		let call = engine.least(&Task { times: 0, jobs: Vec::new() })?;
		table.row("an empty call: a new instance", call / 1e3, "µs", "", "in no figure above");
	}
	growth(table, engine)
}

/// Reports of an account far from its maintenance margin and of one near it, for which liquidation
/// prices are to be found.
fn reports(table: &mut Table, engine: &mut Engine, legs: u16) -> Result<(), Failure> {
	let far = cases::account(legs, 2);
	let mut near = far.clone();
	near.cash = UsdValue::from_inner(if legs == 128 { 50_000 * USD } else { -50_000 * USD });
	let asked = if legs == 128 { engine.asked("5") } else { "" };
	for (words, account) in [("", far), (", near its margin", near)] {
		let account = account.encode();
		let (model, market) = (cases::standard_model(2), cases::market(2));
		let job = Job::Simulate { model, market, account: account.clone() };
		let time = engine.nanoseconds(job)?;
		let name = format!("what simulate works out, {legs} legs{words}");
		let remark = "the standard model, two underlyings; report, margins at three prices";
		table.row(name, time / 1e6, "ms", asked, remark);
		let (model, market) = (cases::standard_model(2), cases::market(2));
		let job = Job::Report { model, market, account, stance: Stance::Mark };
		let time = engine.nanoseconds(job)?;
		let name = format!("report alone, {legs} legs{words}");
		table.row(name, time / 1e6, "ms", "", "at mark");
	}
	Ok(())
}

/// What one account of 64 legs × 23 scenarios costs, and how many a second that makes: one row for
/// each way of valuing it.
fn throughput(table: &mut Table, engine: &mut Engine) -> Result<(), Failure> {
	let model = cases::model_with_scenarios(1, 23);
	let job = margin(model, &cases::account(64, 1), 1, Stance::Mark);
	let revalued = engine.nanoseconds(job)?;
	let per = format!("{:.0} ns per leg and scenario; with decoding", revalued / (64.0 * 23.0));
	table.row("margin, 64 legs × 23 scenarios, at mark", revalued / 1e3, "µs", "", per);
	let remark = "one core, full revaluation, nothing shared between accounts";
	let name = "accounts of 64 legs × 23 scenarios";
	table.row(name, 1e9 / revalued, "per second", "", remark);
	sweep(
		table,
		engine,
		cases::model_with_scenarios(1, 23),
		Stance::Mark,
		("23 scenarios, at mark", engine.asked("150")),
	)?;
	let standard = cases::standard_model(1);
	let words = "the standard model, at favourable prices";
	sweep(table, engine, standard, Stance::Favourable, (words, ""))
}

/// Accounts of 64 legs from risk arrays.
fn sweep(
	table: &mut Table,
	engine: &mut Engine,
	model: RiskModel,
	stance: Stance,
	(words, asked): (&str, &'static str),
) -> Result<(), Failure> {
	let account = cases::account(64, 1).encode();
	let accounts = vec![account; SWEPT];
	let job = Job::Sweep { model, market: cases::market(1), accounts, stance };
	let time = engine.nanoseconds(job)? / count(SWEPT);
	let name = format!("from risk arrays: 64 legs × {words}");
	table.row(name, time / 1e3, "µs", asked, "as in a block; with decoding");
	let name = format!("accounts from risk arrays: 64 legs × {words}");
	table.row(name, 1e9 / time, "per second", "", "one core");
	Ok(())
}

/// Cost against each dimension: every line's remark has what one more costs.
fn growth(table: &mut Table, engine: &mut Engine) -> Result<(), Failure> {
	table.section(format!("growth of margin at mark, {}", engine.name()));
	let mut by_legs = Growth::new("leg");
	for legs in [1, 2, 4, 8, 16, 32, 64, 128] {
		let model = cases::standard_model(1);
		let job = margin(model, &cases::account(legs, 1), 1, Stance::Mark);
		let time = engine.nanoseconds(job)?;
		by_legs.row(table, format!("{legs} legs, one underlying"), f64::from(legs), time);
	}
	let mut by_scenarios = Growth::new("scenario");
	for scenarios in [8, 16, 32, 64] {
		let model = cases::model_with_scenarios(1, scenarios);
		let given = count(model.scenarios.len());
		let time = engine.nanoseconds(margin(model, &cases::account(64, 1), 1, Stance::Mark))?;
		by_scenarios.row(table, format!("64 legs, {scenarios} scenarios"), given, time);
	}
	let mut by_underlyings = Growth::new("underlying");
	for underlyings in [1, 2, 4, 8] {
		let (model, account) =
			(cases::standard_model(underlyings), cases::account(64, underlyings));
		let time = engine.nanoseconds(margin(model, &account, underlyings, Stance::Mark))?;
		let name = format!("64 legs over {underlyings} underlyings");
		by_underlyings.row(table, name, f64::from(underlyings), time);
	}
	Ok(())
}

/// A series of times and what one more unit adds.
struct Growth {
	unit: &'static str,
	last: Option<(f64, f64)>,
}

impl Growth {
	fn new(unit: &'static str) -> Self {
		Self { unit, last: None }
	}

	fn row(&mut self, table: &mut Table, name: String, size: f64, time: f64) {
		let each = time / size / 1e3;
		let mut remark = format!("{each:.2} µs per {}", self.unit);
		if let Some((smaller, less)) = self.last {
			let more = (time - less) / (size - smaller) / 1e3;
			remark += &format!("; each more adds {more:.2}");
		}
		self.last = Some((size, time));
		table.row(name, time / 1e3, "µs", "", remark);
	}
}
