#include "sim_controls.hpp"

#include "sim_broker.hpp"

namespace bongsu::world {

using delivery::JobState;

Jobs::Jobs(Simulation& sim) : sim_(sim), dice_(sim.seed() * 31 + 5) {}

bool Jobs::chance(double probability) {
  return static_cast<double>(dice_.below(1'000'000)) < probability * 1'000'000;
}

Duration Jobs::between(Duration least, Duration most) {
  return least + Duration{static_cast<Duration::rep>(
                     dice_.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

void Jobs::begin() {
  if (chance(0.5)) return;
  const auto count = 1 + dice_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) names_.push_back("job" + std::to_string(i));
  for (const auto& job : names_) {
    if (chance(0.15)) continue;  // an upstream's own: nobody says anything of it
    sim_.after(between(0s, 3s),
               [this, job] { say(job, chance(0.3) ? JobState::kHeld : JobState::kRunning); });
    for (auto changes = dice_.below(6); changes > 0; --changes) {
      sim_.after(between(3s, kFaultsEnd),
                 [this, job] { say(job, chance(0.6) ? JobState::kPaused : JobState::kRunning); });
    }
    const bool cancelled = chance(0.3);
    sim_.after(cancelled ? between(5s, kFaultsEnd) : between(kFaultsEnd, kFaultsEnd + 2s),
               [this, job, cancelled] { say(job, cancelled ? JobState::kCancelled : JobState::kRunning); });
  }
}

std::string Jobs::pick() {
  if (names_.empty() || chance(0.4)) return {};
  return names_[dice_.below(names_.size())];
}

void Jobs::say(const std::string& job, JobState state) {
  if (truth_.state_of(job) == JobState::kCancelled) return;
  const Control control{.job = job, .revision = ++revisions_[job], .state = state};
  truth_.note(job, control.revision, state);
  if (state == JobState::kHeld || state == JobState::kPaused) stopped_.insert(job);
  sim_.tell([&] { return "CONTROL " + job + " is " + std::to_string(static_cast<int>(state)); });
  append(control);
  // A relay that did not hear its report publishes it again, after what was said since.
  if (chance(0.3)) sim_.after(between(10ms, 8s), [this, control] { append(control); });
}

void Jobs::append(const Control& control) {
  topic_.push_back(control);
  for (auto* reader : readers_) reader->appended();
}

SimControls::SimControls(Life& life, Jobs& jobs, const SimLog& log)
    : life_(life), jobs_(jobs), log_(log), there_at_start_(jobs.topic().size()) {
  jobs_.opened(*this);
  if (there_at_start_ == 0) return;
  // Kafka may be slow to answer one who has just come, while the group gives him its partitions.
  life_.sim.after(jobs_.chance(0.4) ? jobs_.between(2s, 12s) : jobs_.between(1ms, 300ms), [this] { read(); });
}

void SimControls::appended() {
  if (life_.dead || !has_read_what_was_there()) return;  // it is on its way
  life_.sim.after(jobs_.between(1ms, 300ms), [this] { read(); });
}

void SimControls::read() {
  if (life_.dead || read_ == jobs_.topic().size()) return;
  if (life_.frozen() || !log_.reachable()) {
    life_.sim.after(200ms, [this] { read(); });
    return;
  }
  for (; read_ < jobs_.topic().size(); ++read_) {
    const auto& control = jobs_.topic()[read_];
    table_.note(control.job, control.revision, control.state);
    last_[control.job] = control.state;
  }
}

bool SimControls::ready() const {
  return life_.sim.off(Rule::kControlIsReadToItsEnd) || has_read_what_was_there();
}

JobState SimControls::state_of(std::string_view job) const {
  if (life_.sim.off(Rule::kControlBeforeEachCall)) return JobState::kRunning;
  if (!life_.sim.off(Rule::kSmallerRevisionsAreIgnored)) return table_.state_of(job);
  const auto last = last_.find(job);
  return last == last_.end() ? JobState::kUnknown : last->second;
}

}  // namespace bongsu::world
