#include "report.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace bongsu::ctl {
namespace {

const Report kReport{.columns = {"topic", "applied_at"}, .rows = {{"주문", "now"}, {"longer", "\"then\""}}};

std::string printed(const Report& report, Format format) {
  std::ostringstream out;
  print(report, format, out);
  return out.str();
}

TEST(Report, TablesHaveAlignedColumns) {
  EXPECT_EQ(printed(kReport, Format::kTable),
            "TOPIC   APPLIED AT\n"
            "주문      now\n"
            "longer  \"then\"\n");
}

TEST(Report, JsonIsOneArrayOfObjects) {
  EXPECT_EQ(printed(kReport, Format::kJson),
            R"([{"topic":"주문","applied_at":"now"},{"topic":"longer","applied_at":"\"then\""}])"
            "\n");
  EXPECT_EQ(printed({.columns = {"a"}, .rows = {}}, Format::kJson), "[]\n");
}

TEST(ExitCode, TellsWhatKindOfTroubleItIs) {
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kNotFound}), 3);
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kConflict}), 4);
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kUnauthorized}), 4);
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kUnavailable}), 5);
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kTimeout}), 5);
  EXPECT_EQ(exit_code::of({.code = ErrorCode::kInternal}), 1);
}

}  // namespace
}  // namespace bongsu::ctl
