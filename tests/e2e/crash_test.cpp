#include "support/stack/stack.hpp"

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

constexpr int kKills = 3;

/// Signs members up, as many as are asked for, and remembers who was accepted.
class Crowd {
 public:
  explicit Crowd(Stack& stack) : stack_(stack) {}

  void sign_up(int count, const std::string& name) {
    for (int i = 0; i < count; ++i) {
      const auto email = name + std::to_string(i) + "@example.com";
      const auto answer = ask(email);
      if (answer.status == 201) accepted_[email] = answer.json().at("data").at("userId").as_string();
    }
  }
  std::size_t accepted() const { return accepted_.size(); }

  /// Everybody has exactly one coupon and at least one mail; counted is who has more mails than one. A mail
  /// that is open at each kill may go out again after each.
  std::size_t expect_all_served() {
    eventually(
        "everybody has a coupon", [&] { return with_coupon() >= accepted_.size(); },
        std::chrono::seconds{120});
    eventually(
        "everybody has a mail", [&] { return reached().size() >= accepted_.size(); },
        std::chrono::seconds{120});
    for (const auto& [email, user] : accepted_) EXPECT_EQ(stack_.coupons_of(user), 1) << email;
    std::size_t doubled = 0;
    for (const auto& [email, count_of] : reached()) {
      EXPECT_LE(count_of, 1U + kKills) << email;
      doubled += count_of > 1 ? 1 : 0;
    }
    return doubled;
  }

 private:
  /// Who is told to come back does so, under the same key: a PostgreSQL that stalls may cost the first
  /// answer.
  Answer ask(const std::string& email) {
    const auto body = R"({"email":")" + email + R"(","name":"Crowd"})";
    Answer answer;
    for (int i = 0; i < 20; ++i) {
      answer = http_post(stack_.gateway() + "/api/signup", body,
                         {"content-type: application/json", "idempotency-key: " + email});
      if (answer.status != 503) break;
      std::this_thread::sleep_for(std::chrono::milliseconds{250});
    }
    return answer;
  }

  /// Of those who were accepted: others sign up beside them.
  std::size_t with_coupon() {
    std::string users;
    for (const auto& [email, user] : accepted_) users += (users.empty() ? "'" : ",'") + user + "'";
    const auto sql =
        "SELECT count(DISTINCT user_id) FROM coupon.issued WHERE campaign_id = 'welcome' "
        "AND user_id = ANY (ARRAY[" +
        users + "]::text[])";
    return static_cast<std::size_t>(stack_.count(sql));
  }

  std::map<std::string, std::size_t> reached() {
    std::map<std::string, std::size_t> counts;
    for (const auto& mail : stack_.mail.mails()) {
      const auto to = mail.header("To");
      const auto begin = to.find('<') == std::string::npos ? 0 : to.find('<') + 1;
      const auto email =
          to.substr(begin, to.find('>') == std::string::npos ? std::string::npos : to.find('>') - begin);
      if (accepted_.contains(email)) ++counts[email];
    }
    return counts;
  }

  Stack& stack_;
  std::map<std::string, std::string> accepted_;
};

class CrashTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto* service : {"gateway", "email", "coupon"}) stack_.start(service);
  }
  Stack stack_;
  Crowd crowd_{stack_};
};

TEST_F(CrashTest, TheGatewayAndItsRelayKilledInTheMiddleLoseNoAcceptedSignup) {
  const auto members = [&] { return stack_.count("SELECT count(*) FROM gateway.member"); };
  for (int round = 0; round < kKills; ++round) {
    const auto before = members();
    std::thread crowd{[&, round] { crowd_.sign_up(40, "gw" + std::to_string(round) + "-"); }};
    // The answer to the last of them may be lost.
    eventually("some are through", [&] { return members() >= before + 6; });
    stack_.kill("gateway");
    crowd.join();
    stack_.start("gateway");
  }
  ASSERT_GE(crowd_.accepted(), 15U);
  EXPECT_EQ(crowd_.expect_all_served(), 0U);
}

TEST_F(CrashTest, TheEmailServiceKilledInTheMiddleDoublesAMailOnlyWhereItsAnswerWasLost) {
  for (int round = 0; round < kKills; ++round) {
    const auto before = stack_.mail.mails().size();
    std::thread crowd{[&, round] { crowd_.sign_up(40, "em" + std::to_string(round) + "-"); }};
    eventually("a mail is through", [&] { return stack_.mail.mails().size() > before; });
    stack_.kill("email");
    crowd.join();
    stack_.start("email");
  }
  ASSERT_EQ(crowd_.accepted(), 120U);
  const auto doubled = crowd_.expect_all_served();
  // Every doubled mail was in flight at a kill, and says so.
  const auto marked = stack_.count("SELECT count(*) FROM email.ledger WHERE maybe");
  EXPECT_LE(static_cast<std::int64_t>(doubled), marked);
}

TEST_F(CrashTest, TheCouponServiceKilledInTheMiddleIssuesEachCouponOnce) {
  for (int round = 0; round < kKills; ++round) {
    const auto before = stack_.count("SELECT count(*) FROM coupon.issued");
    std::thread crowd{[&, round] { crowd_.sign_up(40, "cp" + std::to_string(round) + "-"); }};
    eventually("a coupon is through",
               [&] { return stack_.count("SELECT count(*) FROM coupon.issued") > before; });
    stack_.kill("coupon");
    crowd.join();
    stack_.start("coupon");
  }
  ASSERT_EQ(crowd_.accepted(), 120U);
  EXPECT_EQ(crowd_.expect_all_served(), 0U);
}

TEST_F(CrashTest, SigtermUnderLoadEndsCleanlyAndTheSuccessorSendsNothingAgain) {
  std::thread crowd{[&] { crowd_.sign_up(60, "term-"); }};
  eventually("a mail is through", [&] { return !stack_.mail.mails().empty(); });
  EXPECT_EQ(stack_.stop("email"), 0) << stack_.log_of("email");
  EXPECT_EQ(stack_.stop("coupon"), 0) << stack_.log_of("coupon");
  crowd.join();
  stack_.start("email");
  stack_.start("coupon");
  EXPECT_EQ(crowd_.expect_all_served(), 0U);
  EXPECT_EQ(stack_.count("SELECT count(*) FROM email.ledger WHERE maybe"), 0);
}

TEST_F(CrashTest, KafkaKilledInTheMiddleSignupsGoOnAndItCatchesUpByItself) {
  crowd_.sign_up(10, "before-");
  infra("kafka", "kill");
  crowd_.sign_up(20, "without-");
  EXPECT_EQ(crowd_.accepted(), 30U);
  infra("kafka", "start");
  crowd_.sign_up(10, "after-");
  EXPECT_EQ(crowd_.accepted(), 40U);
  EXPECT_EQ(crowd_.expect_all_served(), 0U);
}

TEST_F(CrashTest, PostgresKilledInTheMiddleAnswers503WithinTwoSecondsAndIsReadyAgainByItself) {
  crowd_.sign_up(10, "before-");
  infra("postgres", "kill");
  // The fastest of a few is judged: the machine itself may stand still during one of them.
  double fastest = 60;
  for (int i = 0; i < 3; ++i) {
    const auto refused = stack_.sign_up("nobody@example.com", "Nobody");
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_FALSE(refused.header("retry-after").empty()) << refused.headers;
    fastest = std::min(fastest, refused.seconds);
  }
  EXPECT_LT(fastest, 2.0);
  infra("postgres", "start");
  eventually("the gateway is ready by itself", [&] { return stack_.is_ready("gateway"); });
  eventually("signups are accepted",
             [&] { return stack_.sign_up("first@example.com", "First").status != 503; });
  crowd_.sign_up(10, "after-");
  EXPECT_EQ(crowd_.accepted(), 20U);
  crowd_.expect_all_served();
}

TEST_F(CrashTest, SmtpAwayMailsWaitAndNoneIsLost) {
  stack_.mail.kill();
  crowd_.sign_up(20, "smtp-");
  eventually("a mail waits in a retry topic",
             [&] { return stack_.count("SELECT count(*) FROM email.ledger WHERE outcome = 2") > 0; });
  stack_.mail.start();
  ASSERT_EQ(crowd_.accepted(), 20U);
  crowd_.expect_all_served();
}

}  // namespace
}  // namespace bongsu::support
