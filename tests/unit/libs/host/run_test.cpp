#include "process.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace bongsu::host {
namespace {

using testing::HasSubstr;
using testing::Not;

Process sample(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  return Process{SAMPLE_SERVICE, std::move(arguments), std::move(environment)};
}

TEST(Run, CheckConfigSaysOkAndEndsWithZero) {
  auto process = sample({"--check-config"});
  EXPECT_EQ(process.wait(), 0) << process.errors();
  EXPECT_EQ(process.output(), "ok\n");
  EXPECT_FALSE(std::filesystem::exists(process.file("address"))) << "nothing has been started";
}

TEST(Run, CheckConfigTellsEveryMistakeAndEndsWithTwo) {
  auto process =
      sample({"--check-config"}, {"GREETING=", "LINGER=long", "MANAGEMENT_ADDRESS=here", "LOG_LEVEL=loud"});
  EXPECT_EQ(process.wait(), 2);
  EXPECT_EQ(process.output(), "");
  const auto told = process.errors();
  EXPECT_THAT(told, HasSubstr("sample: the configuration has 4 mistakes:"));
  EXPECT_THAT(told, HasSubstr("greeting: is required: set it in the file or as GREETING (GREETING)"));
  EXPECT_THAT(told, HasSubstr("linger: 'long' is not a duration"));
  EXPECT_THAT(told, HasSubstr("management.address: 'here' is not an address"));
  EXPECT_THAT(told, HasSubstr("log.level: 'loud' is not one of debug, info, warning, error (LOG_LEVEL)"));
}

TEST(Run, DoesNotStartOnAWrongConfiguration) {
  auto process = sample({}, {"LINGER=long"});
  EXPECT_EQ(process.wait(), 2);
  EXPECT_THAT(process.errors(), HasSubstr("linger"));
}

TEST(Run, AFileThatIsNotThereOrAnUnknownFlagIsAnErrorOfUse) {
  auto no_file = sample({"--config", "/nowhere.yaml", "--check-config"});
  EXPECT_EQ(no_file.wait(), 2);
  EXPECT_THAT(no_file.errors(), HasSubstr("/nowhere.yaml"));
  auto flag = sample({"--colour"});
  EXPECT_EQ(flag.wait(), 2);
  auto version = sample({"--version"});
  EXPECT_EQ(version.wait(), 0);
  EXPECT_THAT(version.output(), HasSubstr("sample 0."));
}

TEST(Run, AFileIsLaidOverTheBuiltInDefaults) {
  const auto path = testing::TempDir() + "/bongsu_run_test.yaml";
  std::ofstream{path} << "greeting: good day\ntoken: s3cret\ngreting: x\n";
  auto typo = sample({"--check-config", "--config", path});
  EXPECT_EQ(typo.wait(), 2);
  EXPECT_THAT(typo.errors(), HasSubstr("greting: unknown key; did you mean greeting? (" + path + ":3)"));

  std::ofstream{path} << "greeting: good day\ntoken: s3cret\n";
  auto process = sample({"--config", path});
  const auto answer = get(process.await_line("address"), "/config");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, Not(HasSubstr("s3cret")));
  const auto config = boost::json::parse(answer.body);
  EXPECT_EQ(config.at("greeting").as_string(), "good day");
  EXPECT_EQ(config.at("token").as_string(), "***");
  EXPECT_EQ(config.at("linger").as_string(), "0ms");
  EXPECT_EQ(config.at("log").at("level").as_string(), "info");
}

TEST(Run, IsLiveAtOnceAndReadyWhenItsChecksHold) {
  const auto marker = testing::TempDir() + "/bongsu_run_ready_" + std::to_string(::getpid());
  auto process = sample({}, {"READY_FILE=" + marker});
  process.await_line("address.door");  // its checks are there
  const auto address = process.await_line("address");
  EXPECT_EQ(get(address, "/livez").status, 200);

  const auto before = get(address, "/readyz");
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(boost::json::parse(before.body), boost::json::parse(R"({"ready": false, "checks": [
    {"name": "greeter", "ok": false, "error": "the file is not there"}]})"));

  std::ofstream{marker} << "";
  EXPECT_EQ(get(address, "/readyz").status, 200);
  std::filesystem::remove(marker);
  EXPECT_EQ(get(address, "/readyz").status, 503);
}

TEST(Run, TellsWhereItListens) {
  auto process = sample({});
  EXPECT_EQ(process.await_line("address.door"), "127.0.0.1:7");
  EXPECT_THAT(process.await_line("address"), testing::StartsWith("127.0.0.1:"));
  EXPECT_NE(process.await_line("address"), "127.0.0.1:0");
}

TEST(Run, ShowsTheProcessInItsMetrics) {
  auto process = sample({});
  const auto metrics = get(process.await_line("address"), "/metrics");
  EXPECT_EQ(metrics.status, 200);
  for (const auto* name : {"process_resident_memory_bytes ", "process_open_fds ",
                           "process_cpu_seconds_total ", "process_start_time_seconds "}) {
    EXPECT_THAT(metrics.body, HasSubstr(name));
  }
}

TEST(Run, OnSigtermItIsNoLongerReadyDrainsAndEndsWithZero) {
  const auto busy = testing::TempDir() + "/bongsu_run_busy_" + std::to_string(::getpid());
  std::ofstream{busy} << "";
  auto process = sample({}, {"BUSY_FILE=" + busy, "MANAGEMENT_DRAIN_LIMIT=1m"});
  process.await_line("address.door");
  const auto address = process.await_line("address");
  EXPECT_EQ(get(address, "/readyz").status, 200);
  process.signal(SIGTERM);
  Answer answer;
  do {
    answer = get(address, "/readyz");
  } while (answer.status == 200 && !process.wait(std::chrono::milliseconds{1}));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("the service is stopping"));
  std::filesystem::remove(busy);
  EXPECT_EQ(process.wait(), 0) << process.errors();
  EXPECT_THAT(process.errors(), HasSubstr("host.stopping signal=TERM"));
  EXPECT_THAT(process.errors(), HasSubstr("host.stopped"));
}

TEST(Run, EndsHardWhenDrainingTakesTooLong) {
  auto process = sample({}, {"LINGER=1h", "MANAGEMENT_DRAIN_LIMIT=200ms"});
  process.await_line("address.door");
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 3);
  EXPECT_THAT(process.errors(), HasSubstr("host.not_drained limit=200ms"));
}

TEST(Run, EndsAtOnceWhenToldTwice) {
  auto process = sample({}, {"LINGER=1h"});
  process.await_line("address.door");
  process.signal(SIGINT);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 3);
}

TEST(Run, ABodyThatFailsEndsWithOneAndSaysWhy) {
  auto process = sample({}, {"FAIL=true"});
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.errors(),
              HasSubstr(R"(host.failed error=unavailable why="nothing to greet" detail=GREET)"));
}

TEST(Run, AnAddressThatIsTakenEndsWithOneAndSaysWhatToDo) {
  auto first = sample({});
  auto second = sample({}, {"MANAGEMENT_ADDRESS=" + first.await_line("address")});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.errors(), HasSubstr("host.start_failed"));
  EXPECT_THAT(second.errors(), HasSubstr("MANAGEMENT_ADDRESS"));
}

}  // namespace
}  // namespace bongsu::host
