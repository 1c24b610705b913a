#include <bongsu/delivery/job_table.hpp>
#include <bongsu/delivery/next_step.hpp>

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::delivery {
namespace {

TEST(JobTable, AJobThatNobodyNamedIsUnknownAndSentNormally) {
  const JobTable table;
  EXPECT_EQ(table.state_of("j"), JobState::kUnknown);
  EXPECT_EQ(step_for(JobState::kUnknown), std::nullopt);
}

TEST(JobTable, AForgottenJobIsUnknownWhateverItsRevisionWas) {
  JobTable table;
  table.note("j", 7, JobState::kPaused);
  table.forget("j");
  EXPECT_EQ(table.state_of("j"), JobState::kUnknown);
  table.note("j", 1, JobState::kRunning);
  EXPECT_EQ(table.state_of("j"), JobState::kRunning);
}

/// A revision says one thing only, but may come late, and more than once.
TEST(JobTable, TheGreatestRevisionHoldsInWhateverOrderTheyCome) {
  EXPECT_TRUE(rc::check("the greatest revision of each job", [] {
    const auto said = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(0, 20)));
    JobTable table;
    std::map<std::string, int> greatest;
    const auto state_of = [](int revision) { return static_cast<JobState>(1 + (revision * 7) % 5); };
    for (const auto& [number, revision] : said) {
      const auto job = "job" + std::to_string(number);
      table.note(job, static_cast<std::uint64_t>(revision), state_of(revision));
      greatest[job] = std::max(revision, greatest.contains(job) ? greatest[job] : 0);
    }
    for (const auto& [job, revision] : greatest) RC_ASSERT(table.state_of(job) == state_of(revision));
  }));
}

TEST(StepFor, PausedAndNotStartedWaitCancelledIsSuppressedTheRestIsSent) {
  EXPECT_EQ(step_for(JobState::kHeld), NextStep{PutOff{}});
  EXPECT_EQ(step_for(JobState::kPaused), NextStep{PutOff{}});
  EXPECT_EQ(step_for(JobState::kCancelled), NextStep{Suppress{}});
  EXPECT_EQ(step_for(JobState::kRunning), std::nullopt);
  EXPECT_EQ(step_for(JobState::kEnded), std::nullopt);
}

}  // namespace
}  // namespace bongsu::delivery
