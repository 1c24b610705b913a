#include "message_status.hpp"
#include "support/stack/stack.hpp"
#include "support/upstream/upstream.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

namespace header = events::header;
using events::v1::DeliveryResult;

const std::string kFallback = R"(,"fallback":{"channel":"SMS","recipient":"010-9999-0000"})";

/// How a notification ended: outcome or reason, attempts, and what the provider was asked in all.
struct Ending {
  std::string how;
  std::string attempt;
  std::size_t calls = 0;
  friend bool operator==(const Ending&, const Ending&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Ending& ending) {
    return out << ending.how << " in attempt " << ending.attempt << " after " << ending.calls << " calls";
  }
};

/// Every case has a recipient of its own, and its name is the key of its record and the message's text.
struct Case {
  std::string name;
  std::string fault;  ///< of the provider, for this recipient; empty: none
  std::string more;   ///< further fields of the request
  Ending expected;
};

const std::vector<Case> kCases{
    {"serves", "", "", {"DELIVERED", "1", 1}},
    {"is down", R"("status":503)", "", {"unavailable", "3", 9}},
    {"hangs", R"("delayMs":60000)", "", {"timeout", "3", 9}},
    {"cuts", R"("drop":true)", "", {"unavailable", "3", 9}},
    {"is down, but there is SMS", R"("status":503)", kFallback, {"FELL_BACK", "1", 3}},
    {"hangs, but there is SMS", R"("delayMs":60000)", kFallback, {"FELL_BACK", "1", 3}},
    {"cuts, but there is SMS", R"("drop":true)", kFallback, {"FELL_BACK", "1", 3}},
    {"asks for a second", R"("status":429,"retryAfter":1,"count":1)", "", {"DELIVERED", "1", 2}},
    {"asks for an hour", R"("status":429,"retryAfter":3600)", "", {"rate_limited", "3", 3}},
    {"does not like it", R"("status":400)", "", {"provider_rejected", "1", 1}},
    {"does not know it", R"("status":404)", kFallback, {"provider_rejected", "1", 1}},
    {"is too late", "", R"(,"expiresAt":"2026-01-01T00:00:00Z")", {"expired", "1", 0}},
};

std::string recipient_of(std::size_t index) { return "010-1000-00" + std::to_string(10 + index); }

class WhatEndsWhere : public testing::Test {
 protected:
  void start(const std::vector<std::string>& services) {
    // Faults are for one recipient each here: they must not count as the provider's being down. A call keeps
    // its 5 s: with less, others would time out too where the machine stands still for a moment.
    stack_.environment.try_emplace("DELIVERY_BREAKER_CALLS", "1000");
    stack_.environment.try_emplace("MESSAGE_RETRY_BACKOFF_DELAY", "10");
    for (const auto& service : services) stack_.launch(service);
    for (const auto& service : services) stack_.wait_ready(service);
  }
  kafka::Record kakao(const std::string& name, const std::string& recipient, const std::string& more = "") {
    return clear_request(stack_.topic("kakao.request"), name, recipient, name, more);
  }
  std::size_t calls(const std::string& channel, const std::string& content) {
    std::size_t found = 0;
    for (const auto& seen : stack_.simulator().messages(channel)) found += seen.content == content ? 1 : 0;
    return found;
  }
  /// reason and attempt of the dead letters, by key.
  std::map<std::string, kafka::Message> letters(const std::string& topic, std::size_t count) {
    std::map<std::string, kafka::Message> by_key;
    for (auto& letter : stack_.kafka.read(stack_.topic(topic), count, std::chrono::seconds{120}))
      by_key[letter.key] = std::move(letter);
    EXPECT_EQ(by_key.size(), count) << topic;
    return by_key;
  }
  static std::string at(const kafka::Message& letter, std::string_view name) {
    return std::string{find(letter.headers, name).value_or("")};
  }
  /// The last result of each notification of the channel, by its id.
  std::map<std::string, DeliveryResult> last_results(std::size_t least) {
    std::map<std::string, DeliveryResult> last;
    for (auto& result : results_of(stack_.kafka, least)) {
      auto& known = last[result.notification_id()];
      if (known.attempt() <= result.attempt()) known = std::move(result);
    }
    return last;
  }
  void expect_told(const std::string& id, const std::string& status) {
    eventually("message " + id + " is " + status, [&] { return status_of(stack_, id) == status; });
  }
  /// "CHANNEL OUTCOME" of each step of a message's history.
  std::vector<std::string> history_of(const std::string& id) {
    std::vector<std::string> ways;
    const auto told = stack_.get("/api/messages/" + id);
    if (told.status != 200) return ways;
    const auto data = told.json().at("data");
    for (const auto& step : data.at("history").as_array())
      ways.push_back(std::string{step.at("channel").as_string()} + " " +
                     std::string{step.at("outcome").as_string()});
    return ways;
  }
  /// The middle one of the times between kakao's calls from `since` to the first that succeeds, in ms.
  std::int64_t usual_gap(std::int64_t since) {
    std::vector<std::int64_t> gaps;
    std::int64_t last = 0;
    for (const auto& seen : stack_.simulator().messages("kakao")) {
      if (seen.received_at < since) continue;
      if (last != 0) gaps.push_back(seen.received_at - last);
      last = seen.received_at;
      if (seen.status == 200) break;
    }
    std::ranges::sort(gaps);
    return gaps.at(gaps.size() / 2);
  }

  Stack stack_;
};

TEST_F(WhatEndsWhere, EachFailureOfAProviderThroughItsOwnPath) {
  start({"kakao", "sms"});
  std::string faults;
  std::vector<kafka::Record> records;
  for (std::size_t i = 0; i < kCases.size(); ++i) {
    const auto& [name, fault, more, expected] = kCases[i];
    records.push_back(kakao(name, recipient_of(i), more));
    if (fault.empty()) continue;
    faults += faults.empty() ? "[" : ",";
    faults += R"({"channel":"kakao","recipient":")" + recipient_of(i) + "\"," + fault + "}";
  }
  stack_.simulator().put_faults(faults + "]");
  Upstream{stack_.kafka}.send(records);

  const auto dead = letters("kakao.dlq", 7);
  eventually("three have fallen back", [&] { return stack_.simulator().stats("sms").accepted == 3; });
  std::map<std::string, std::string> key_at_sms;
  for (const auto& seen : stack_.simulator().messages("sms")) {
    EXPECT_EQ(seen.recipient, "010-9999-0000");
    key_at_sms[seen.content] = seen.idempotency_key;
  }
  // Four attempts of 3 calls tell three results each, the one with Retry-After three of one call.
  const auto results = last_results(4 * 3 + 5 + 3 + 3);
  for (const auto& [name, fault, more, expected] : kCases) {
    Ending ended{.how = "nothing known", .attempt = "", .calls = calls("kakao", name)};
    if (const auto letter = dead.find(name); letter != dead.end()) {
      ended.how = at(letter->second, header::kReason);
      ended.attempt = at(letter->second, header::kAttempt);
    }
    for (const auto& seen : stack_.simulator().messages("kakao")) {
      if (seen.content != name) continue;
      const auto& result = results.at(seen.idempotency_key);
      if (dead.contains(name)) {
        EXPECT_EQ(result.outcome(), DeliveryResult::DEAD) << name;
        continue;
      }
      ended.how = DeliveryResult::Outcome_Name(result.outcome());
      ended.attempt = std::to_string(result.attempt());
      if (result.outcome() != DeliveryResult::FELL_BACK) continue;
      const auto other = events::notification_id(*Uuid::parse(seen.idempotency_key), events::Channel::kSms);
      EXPECT_EQ(result.fallback_notification_id(), other.str()) << name;
      EXPECT_EQ(key_at_sms[name], other.str()) << name;
      EXPECT_EQ(results.at(other.str()).outcome(), DeliveryResult::DELIVERED) << name;
      // A 503 is an answer; a cut connection or none in time may have delivered.
      EXPECT_EQ(result.maybe_twice(), !name.starts_with("is down")) << name;
    }
    EXPECT_EQ(ended, expected) << "the provider " << name;
  }
  std::vector<std::int64_t> asked;
  for (const auto& seen : stack_.simulator().messages("kakao"))
    if (seen.content == "asks for a second") asked.push_back(seen.received_at);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_GE(asked[1] - asked[0], 1000);
}

TEST_F(WhatEndsWhere, WhatBreaksARuleOrCannotBeReadDiesUnsentWithItsReason) {
  start({"kakao", "sms"});
  std::string long_text;
  for (int i = 0; i < 10'001; ++i) long_text += "긴";
  std::vector<kafka::Record> sent{
      kakao("no phone", "hong@example.com"),
      clear_request(stack_.topic("kakao.request"), "too long", "010-1234-5678", long_text),
      kakao("no json", "010-1234-5678"),
      kakao("no type", "010-1234-5678"),
      kakao("other version", "010-1234-5678"),
      kakao("other content", "010-1234-5678"),
  };
  sent[2].value = "\xFF\xFE{\"recipient\"";
  std::erase_if(sent[3].headers, [](const auto& each) { return each.name == header::kType; });
  set(sent[4].headers, header::kSpecVersion, "0.3");
  set(sent[5].headers, header::kContentType, "text/plain");
  sent.push_back(clear_request(stack_.topic("sms.request"), "fine", "010-1234-5678", "fine"));
  Upstream{stack_.kafka}.send(sent);

  const auto dead = letters("kakao.dlq", 6);
  EXPECT_EQ(at(dead.at("no phone"), header::kReason), "invalid_request");
  EXPECT_EQ(at(dead.at("too long"), header::kReason), "invalid_request");
  for (std::size_t i = 2; i < 6; ++i) {
    const auto& letter = dead.at(sent[i].key);
    EXPECT_EQ(at(letter, header::kReason), "undecodable") << letter.key;
    EXPECT_EQ(letter.value, sent[i].value) << letter.key;
    EXPECT_EQ(at(letter, header::kErrorTopic), sent[i].topic) << letter.key;
    EXPECT_FALSE(at(letter, header::kErrorMessage).empty()) << letter.key;
  }
  // What broke a rule could be read: its text is sealed in the letter.
  EXPECT_EQ(dead.at("no phone").value->find("hong@example.com"), std::string::npos);
  eventually("SMS takes clear text as well", [&] { return calls("sms", "fine") == 1; });
  EXPECT_EQ(stack_.simulator().stats("kakao").requests, 0);
}

TEST_F(WhatEndsWhere, AnEmptyStockWalksTheTiersAndAFallbackIsToldAsOneHistory) {
  start({"gateway", "kakao", "sms", "coupon"});
  ASSERT_EQ(stack_.count("WITH empty AS (UPDATE coupon.campaign SET stock = 0 RETURNING 1) "
                         "SELECT count(*) FROM empty"),
            1);
  kafka::Record coupon = clear_request(stack_.topic("coupon.request"), "late", "", "");
  coupon.value = R"({"memberId":"late","campaignId":"welcome","requestedAt":")" +
                 to_rfc3339(SystemClock{}.now()) + "\"}";
  stack_.simulator().put_faults(R"([{"channel":"kakao","status":503}])");
  Upstream{stack_.kafka}.send({coupon});
  const auto accepted =
      stack_.post("/api/messages", R"({"clientMessageId":"f","channel":"KAKAO","recipient":"010-1234-5678",
      "content":"봉수","fallback":{"channel":"SMS"}})");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const std::string id{accepted.json().at("data").at("messageId").as_string()};

  expect_told(id, "DELIVERED");
  // Each channel tells for itself: what SMS says may be there first.
  std::vector<std::string> ways;
  eventually("both have told", [&] { return (ways = history_of(id)).size() >= 2; });
  EXPECT_EQ(ways, (std::vector<std::string>{"KAKAO FELL_BACK", "SMS DELIVERED"}));
  ASSERT_EQ(stack_.simulator().messages("sms").size(), 1U);
  EXPECT_EQ(stack_.simulator().messages("sms")[0].content, "봉수");

  const auto dead = letters("coupon.dlq", 1);
  EXPECT_EQ(at(dead.at("late"), header::kReason), "out_of_stock");
  EXPECT_EQ(at(dead.at("late"), header::kAttempt), "3");
}

TEST_F(WhatEndsWhere, CredentialsThatAreRefusedHoldTheLaneAndUseUpNobodysAttempts) {
  stack_.simulator().put_faults(
      R"([{"channel":"kakao","status":401,"count":1},{"channel":"kakao","status":403}])");
  start({"kakao"});
  std::vector<kafka::Record> records;
  for (int i = 0; i < 50; ++i) records.push_back(kakao("held " + std::to_string(i), "010-1234-5678"));
  Upstream{stack_.kafka}.send(records);
  EXPECT_EQ(alerts_of(stack_.kafka, 1), std::vector<std::string>{"credentials_refused firing"});
  eventually("a second record has asked", [&] { return stack_.simulator().stats("kakao").rejected >= 2; });
  stack_.simulator().clear_faults();
  eventually("all are delivered", [&] { return stack_.simulator().stats("kakao").accepted == 50; });
  for (const auto& result : results_of(stack_.kafka, 50)) {
    EXPECT_EQ(result.outcome(), DeliveryResult::DELIVERED);
    EXPECT_EQ(result.attempt(), 1U);
  }
  EXPECT_EQ(alerts_of(stack_.kafka, 2).back(), "credentials_refused resolved");
}

TEST_F(WhatEndsWhere, WhileTheProviderIsDownWhoCanFallsBackAtOnceAndTheOthersGoOnWithinTwoSeconds) {
  stack_.environment["DELIVERY_BREAKER_CALLS"] = "5";
  stack_.environment["MESSAGE_RETRY_BACKOFF_DELAY"] = "1000";
  stack_.simulator().put_faults(R"([{"channel":"kakao","status":503}])");
  start({"kakao", "sms"});
  std::vector<kafka::Record> waiting;
  for (int i = 0; i < 30; ++i) waiting.push_back(kakao("waits " + std::to_string(i), "010-1234-5678"));
  Upstream upstream{stack_.kafka};
  upstream.send(waiting);
  EXPECT_EQ(alerts_of(stack_.kafka, 1), std::vector<std::string>{"provider_down firing"});

  const auto down_since = SystemClock{}.now().time_since_epoch().count();
  const auto before = stack_.simulator().stats("kakao").requests;
  std::vector<kafka::Record> falling;
  for (int i = 0; i < 100; ++i)
    falling.push_back(kakao("falls " + std::to_string(i), "010-1234-5678", kFallback));
  upstream.send(falling);
  eventually("they have fallen back", [&] { return stack_.simulator().stats("sms").accepted == 100; });
  EXPECT_LT(stack_.simulator().stats("kakao").requests, before + 50) << "they asked a provider that is down";
  EXPECT_EQ(alerts_of(stack_.kafka, 2)[1], "falling_back firing");

  // Its return is found by the next call: the usual time to that one, for the machine may stand still once.
  eventually("some have asked", [&] { return stack_.simulator().stats("kakao").requests >= before + 5; });
  stack_.simulator().clear_faults();
  eventually("the others go on", [&] { return stack_.simulator().stats("kakao").accepted == 30; });
  EXPECT_LE(usual_gap(down_since), 2000);
  EXPECT_EQ(alerts_of(stack_.kafka, 3)[2], "provider_down resolved");
  // Who was asked for three times while it was down has told that as well.
  eventually("each has told its end", [&] {
    const auto last = last_results(130 + 100);
    return last.size() == 130 + 100 &&
           std::ranges::all_of(last, [](const auto& each) { return each.second.final(); });
  });
}

}  // namespace
}  // namespace bongsu::support
