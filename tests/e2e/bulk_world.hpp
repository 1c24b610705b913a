#pragma once
#include "support/stack/stack.hpp"

#include <optional>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace bongsu::support {

inline const std::string kSend = "/api/admin/messages/send";

/// Counts of a job, as REST tells them.
struct Counts {
  std::string status;
  std::int64_t total = 0, success = 0, failure = 0, suppressed = 0, unknown = 0, pending = 0;

  bool add_up() const { return total == success + failure + suppressed + unknown + pending; }
  bool ended() const {
    return pending == 0 && (status == "COMPLETED" || status == "PARTIALLY_FAILED" || status == "FAILED" ||
                            status == "CANCELLED");
  }
};

class Bulk : public testing::Test {
 protected:
  void start() {
    for (const auto* service : {"gateway", "jobs", "kakao", "sms"}) stack_.start(service);
  }

  std::string send(const std::string& more = "") {
    const auto answer =
        stack_.post(kSend, R"({"ageGroup":"TWENTIES","message":"{{name}}님, 안녕하세요")" + more + "}");
    EXPECT_EQ(answer.status, 202) << answer.body;
    const auto data = answer.json().at("data");
    EXPECT_EQ(data.at("status").as_string(), "IN_PROGRESS");
    EXPECT_TRUE(std::string{data.at("estimatedDuration").as_string()}.starts_with("PT"));
    return std::string{data.at("jobId").as_string()};
  }

  /// Nothing while the gateway or jobs is away.
  std::optional<Counts> counts(const std::string& job) {
    const auto answer = stack_.get(kSend + "/" + job + "/status");
    if (answer.status != 200) return std::nullopt;
    const auto data = answer.json().at("data");
    const auto number = [&](const char* name) { return data.at(name).as_int64(); };
    return Counts{.status = std::string{data.at("status").as_string()},
                  .total = number("totalUsers"),
                  .success = number("successCount"),
                  .failure = number("failureCount"),
                  .suppressed = number("suppressedCount"),
                  .unknown = number("unknownCount"),
                  .pending = number("pendingCount")};
  }

  /// As soon as there is an answer.
  Counts counts_now(const std::string& job) {
    std::optional<Counts> told;
    eventually("job " + job + " has counts", [&] { return (told = counts(job)).has_value(); });
    return *told;
  }

  /// Both providers slow, with few connections: a job lasts as long as a test needs to interfere with it.
  void be_slow(int connections) {
    for (const auto* provider : {"KAKAOTALK", "SMS"})
      stack_.environment[std::string{"MESSAGE_API_"} + provider + "_CONNECTIONS"] =
          std::to_string(connections);
    stack_.simulator().settings(R"({"delayMs":500})");
  }

  Counts wait_for_end(const std::string& job, std::chrono::seconds limit = std::chrono::seconds{120}) {
    std::optional<Counts> last;
    eventually(
        "job " + job + " has ended",
        [&] {
          last = counts(job);
          return last && last->ended();
        },
        limit);
    return *last;
  }

  Stack stack_;
};

}  // namespace bongsu::support
