#include "job_report.hpp"

#include <sstream>

#include <gmock/gmock.h>

namespace bongsu::ctl {
namespace {

using jobs::v1::Job;
using testing::HasSubstr;

Job job() {
  Job made;
  made.set_name("jobs/1");
  made.set_state(Job::PROCESSING_BATCH);
  made.set_age_group("TWENTIES");
  made.set_channel("KAKAO");
  made.set_fallback("SMS");
  made.set_total_count(12'345);
  made.set_success_count(6'000);
  made.set_failure_count(100);
  made.set_pending_count(6'245);
  made.set_rate_per_second(100);
  made.mutable_estimated_duration()->set_seconds(125);
  auto& left_out = *made.add_suppressed_by_reason();
  left_out.set_reason("no_consent");
  left_out.set_count(45);
  return made;
}

TEST(JobReport, TheBarTellsCountsRateAndTheTimeThatIsLeft) {
  const auto step = step_of(job());
  EXPECT_NEAR(step.done, 6'100.0 / 12'345, 1e-9);
  EXPECT_EQ(step.text, "PROCESSING_BATCH 6,100 of 12,345, 100 failed, 100/s, 1 min 3 s left");
}

TEST(JobReport, AnEndedJobOfNobodyIsDone) {
  Job empty;
  EXPECT_EQ(step_of(empty).done, 0);
  empty.set_state(Job::COMPLETED);
  EXPECT_EQ(step_of(empty).done, 1);
}

TEST(JobReport, ThePlanTellsHowManyWhoIsLeftOutAndHowLongItTakes) {
  EXPECT_EQ(plan_of(job()),
            "12,345 members of TWENTIES by KAKAO, SMS where that fails\n"
            "  left out: 45, no consent to advertising\n"
            "  will be sent: 12,300\n"
            "  will take about 2 min 5 s");
}

TEST(JobReport, IsReadByProgramsAsTheServiceSaysIt) {
  const auto report = report_of(job());
  EXPECT_THAT(report.json, HasSubstr("\"state\":\"PROCESSING_BATCH\""));
  EXPECT_THAT(report.json, HasSubstr("\"unknownCount\":\"0\""));
  EXPECT_EQ(report_of(std::vector<Job>{}).json, "[]");
  std::ostringstream out;
  print(report, Format::kTable, out);
  EXPECT_THAT(out.str(), HasSubstr("STATE "));
  EXPECT_THAT(out.str(), HasSubstr("45 no consent to advertising"));
}

TEST(ProgressBar, NeverSaysAHundredBeforeItIs) {
  EXPECT_EQ(bar_line({.done = 0.999, .text = "x"}, 10), "[#########-]  99 % x");
  EXPECT_EQ(bar_line({.done = 1, .text = "x"}, 10), "[##########] 100 % x");
  EXPECT_EQ(bar_line({.done = 0, .text = ""}, 4), "[----]   0 % ");
  EXPECT_EQ(bar_line({.done = 7, .text = ""}, 4), "[####] 100 % ");
}

TEST(ProgressBar, TheLastPlainLineSaysTheEndAndSaysItOnce) {
  std::ostringstream out;
  ProgressBar bar{out, false};
  bar.show({.done = 0.5, .text = "RUNNING"});
  bar.show({.done = 0.55, .text = "RUNNING"});  // no other tenth
  bar.show({.done = 1, .text = "RUNNING"});     // each is through, and it has not ended yet
  bar.end({.done = 1, .text = "COMPLETED"});
  bar.end({.done = 1, .text = "COMPLETED"});
  const auto line = [](double done, const char* text) {
    return bar_line({.done = done, .text = text}, 30) + "\n";
  };
  EXPECT_EQ(out.str(), line(0.5, "RUNNING") + line(1, "RUNNING") + line(1, "COMPLETED"));
}

TEST(ProgressBar, NumbersAreGroupedAndTimesSpoken) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(-1'234'567), "-1,234,567");
  EXPECT_EQ(spoken(std::chrono::seconds{59}), "59 s");
  EXPECT_EQ(spoken(std::chrono::seconds{3'700}), "1 h 1 min");
}

}  // namespace
}  // namespace bongsu::ctl
