#include "support/stack/stack.hpp"

#include <bongsu/core/bytes.hpp>

#include <cstdlib>

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

/// Text that stands nowhere by chance, in every field that tells a person.
const std::vector<std::string> kCanaries{"canary.quokka", "콴타스봉수",      "0107654",
                                         "7654-3219",     "76543219",        "991231-1",
                                         "9912311",       "zebrafinch-text", "zebrafinch-subject"};

void expect_no_canary(const std::string& where, const std::string& text) {
  for (const auto& canary : kCanaries) {
    EXPECT_EQ(text.find(canary), std::string::npos) << "\"" << canary << "\" stands in clear in " << where;
  }
}

std::string dump(const PostgresWorld& database) {
  const std::string file = testing::TempDir() + database.database() + ".sql";
  const auto command = "pg_dump --dbname='" + database.administrator().uri + "' --file=" + file;
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
  const auto text = read_file(file);
  if (!text) throw std::runtime_error{text.error().message};
  return *text;
}

TEST(Privacy, NothingThatTellsAPersonStandsInClearAnywhere) {
  Stack stack;
  stack.environment["LOG_LEVEL"] = "debug";
  for (const auto* service : {"gateway", "email", "coupon"}) stack.start(service);
  ASSERT_EQ(stack
                .sign_up("canary.quokka@example.com", "콴타스봉수",
                         R"(,"phone":"010-7654-3219","residentNumber":"991231-1234567")")
                .status,
            201);
  const auto send = [&](const std::string& key, const std::string& recipient) {
    const auto answer = stack.post(
        "/api/messages", R"({"clientMessageId":")" + key + R"(","channel":"EMAIL","recipient":")" +
                             recipient + R"(","subject":"zebrafinch-subject","content":"zebrafinch-text"})");
    ASSERT_EQ(answer.status, 202) << answer.body;
  };
  send("p-1", "canary.quokka@example.com");
  send("p-2", "bounce-canary.quokka@example.com");
  // Malformed ones as well: an error must not repeat what it refuses.
  stack.sign_up("canary.quokka@", "콴타스봉수",
                R"(,"residentNumber":"991231-12","phone":"010-7654-32199999")");
  stack.mail.wait_for(2);
  ASSERT_EQ(stack.kafka.read(stack.topic("email.dlq"), 1).size(), 1U);
  ASSERT_EQ(stack.kafka.read(stack.topic("delivery.result"), 4).size(), 4U);

  for (const auto* topic : {"user.signed-up", "email.request", "email.dlq", "delivery.result"}) {
    for (const auto& record : stack.kafka.read(stack.topic(topic), 1)) {
      expect_no_canary(topic, record.key + record.value.value_or(""));
      for (const auto& header : record.headers)
        expect_no_canary(std::string{topic} + " " + header.name, header.value);
    }
  }
  expect_no_canary("the logs", stack.logs());
  for (const auto* service : {"gateway", "email", "coupon"}) {
    expect_no_canary(service, http_get(stack.management(service) + "/metrics").body);
    expect_no_canary(service, http_get(stack.management(service) + "/config").body);
  }
  expect_no_canary("a dump of the database", dump(stack.database));
}

}  // namespace
}  // namespace bongsu::support
