#include "command_line.hpp"

#include <gmock/gmock.h>

namespace bongsu::ctl {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

/// What `bongsuctl complete -- WORDS` offers.
std::vector<std::string> complete(std::vector<const char*> words) {
  std::vector<const char*> argv{"bongsuctl", "complete", "--"};
  argv.insert(argv.end(), words.begin(), words.end());
  int exit_code = 0;
  const auto invocation =
      parse_command_line(static_cast<int>(argv.size()), argv.data(), Environment{{}, {}}, exit_code);
  if (!invocation) return {"exit " + std::to_string(exit_code)};
  asio::io_context io;
  std::vector<std::string> offered;
  asio::co_spawn(io, invocation->command(), [&](const std::exception_ptr&, const Result<Report>& report) {
    for (const auto& row : report->rows) offered.push_back(row.at(0));
  });
  io.run();
  return offered;
}

TEST(Completion, OffersCommandsAndTheirOptions) {
  EXPECT_THAT(complete({"jo"}), ElementsAre("job"));
  EXPECT_THAT(complete({""}),
              AllOf(Contains("job"), Contains("member"), Contains("topics"), Not(Contains("complete"))));
  EXPECT_THAT(complete({"job", "c"}), ElementsAre("cancel", "create"));
  EXPECT_THAT(complete({"job", "re"}), ElementsAre("resume", "retry"));
  EXPECT_THAT(complete({"dlq", ""}), ElementsAre("cancel", "discard", "list", "plan", "replay", "replays",
                                                 "show", "stats", "watch"));
  EXPECT_THAT(complete({"dlq", "replay", "--re"}), ElementsAre("--reason", "--recipient", "--replay"));
  EXPECT_THAT(complete({"dlq", "discard", "--di"}), ElementsAre("--died-of"));
  EXPECT_THAT(complete({"job", "create", "--h"}), ElementsAre("--help", "--hold"));
  EXPECT_THAT(complete({"job", "create", "--age-group", "TWENTIES", "--w"}), ElementsAre("--watch"));
  EXPECT_THAT(complete({"nothing", "such"}), ElementsAre());
}

int exit_code_of(std::vector<const char*> argv, std::map<std::string, std::string> variables = {}) {
  argv.insert(argv.begin(), "bongsuctl");
  int exit_code = 0;
  testing::internal::CaptureStderr();
  const auto invocation = parse_command_line(static_cast<int>(argv.size()), argv.data(),
                                             Environment{std::move(variables), {}}, exit_code);
  testing::internal::GetCapturedStderr();
  return invocation ? -1 : exit_code;
}

TEST(CommandLine, WhatIsMissingIsAUsageError) {
  EXPECT_EQ(exit_code_of({"job", "create", "--message", "x"}), exit_code::kUsage);
  EXPECT_EQ(exit_code_of({"job", "get", "1"}), exit_code::kUsage);  // no address
  EXPECT_EQ(
      exit_code_of({"job", "get", "1"}, {{"BONGSU_JOBS", "127.0.0.1:1"}, {"BONGSU_TOKEN_FILE", "/nowhere"}}),
      exit_code::kUsage);
  EXPECT_EQ(exit_code_of({"job", "list", "--limit", "0"}), exit_code::kUsage);
  EXPECT_EQ(exit_code_of({"member", "import"}), exit_code::kUsage);
}

TEST(CommandLine, ATimeoutIsATimeWithItsUnit) {
  EXPECT_EQ(exit_code_of({"version", "--timeout", "30s"}), -1);
  EXPECT_EQ(exit_code_of({"version"}, {{"BONGSU_TIMEOUT", "2m"}}), -1);
  EXPECT_EQ(exit_code_of({"version", "--timeout", "30"}), exit_code::kUsage);
  EXPECT_EQ(exit_code_of({"version", "--timeout", "0s"}), exit_code::kUsage);
  EXPECT_EQ(exit_code_of({"version"}, {{"BONGSU_TIMEOUT", "soon"}}), exit_code::kUsage);
}

}  // namespace
}  // namespace bongsu::ctl
