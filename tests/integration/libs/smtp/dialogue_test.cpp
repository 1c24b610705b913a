// The client against a server that misbehaves on purpose.
#include <bongsu/smtp/client.hpp>

#include <memory>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>
#include <support/run.hpp>
#include <support/smtp/scripted_server.hpp>

namespace bongsu::smtp {
namespace {

using support::ScriptedServer;
using Answer = ScriptedServer::Answer;
using namespace std::chrono_literals;

Mail mail_to(const std::string& recipient) {
  return Mail{.message_id = "1@example.com",
              .from = EmailAddress{"no-reply@example.com"},
              .from_name = {},
              .to = EmailAddress{recipient},
              .subject = PrivateText{"Hello"},
              .text = PrivateText{"first\n.second\n"},
              .html = {},
              .extra = {},
              .date = {}};
}

struct World {
  explicit World(ScriptedServer::Script script, Settings settings = {}) : server(io, std::move(script)) {
    settings.url = server.url();
    if (settings.timeout == Settings{}.timeout) settings.timeout = 25s;  // a slow machine is no slow server
    client = std::make_unique<Client>(io.get_executor(), settings);
  }
  Result<Receipt> send(const std::string& to = "hong@example.com") {
    return support::run(io, client->send(mail_to(to)));
  }
  /// Turns the loop until `done`, or throws.
  void turn_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    io.restart();
    while (!done())
      if (io.run_one_until(deadline) == 0) throw std::runtime_error("it did not come to that");
  }

  asio::io_context io;
  ScriptedServer server;
  std::unique_ptr<Client> client;
};

TEST(Dialogue, MailsGoOverOneConnectionInOneFlightEach) {
  World world{{}};
  for (int i = 0; i < 3; ++i) {
    const auto receipt = world.send();
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->queue_id, "TEST1");
  }
  EXPECT_EQ(world.server.connections(), 1);
  ASSERT_EQ(world.server.messages().size(), 3U);
  EXPECT_TRUE(world.server.messages()[0].ends_with("\r\n\r\nfirst\r\n.second\r\n"));
}

TEST(Dialogue, AServerWithoutPipeliningIsAskedStepByStep) {
  World world{{.extensions = {}}};
  ASSERT_TRUE(world.send());
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 1);
}

TEST(Dialogue, ARefusedRecipientIsDefiniteAndTheConnectionGoesOn) {
  for (const bool pipelining : {true, false}) {
    World world{
        {.extensions = pipelining ? std::vector<std::string>{"PIPELINING"} : std::vector<std::string>{},
         .answer = [refused = false](int, const std::string& command) mutable -> Answer {
           if (command.starts_with("RCPT TO:<bounce-")) refused = true;
           if (command == "RSET") refused = false;
           if (!refused) return {};
           return {.reply = command == "DATA" ? "503 5.5.1 no recipients" : "550 5.1.1 <bounce-x> unknown"};
         }}};
    const auto bounced = world.send("bounce-x@example.com");
    ASSERT_FALSE(bounced);
    EXPECT_EQ(bounced.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(bounced.error().detail, "550");
    EXPECT_EQ(bounced.error().sent, Sent::kNo);
    EXPECT_TRUE(world.send());
    EXPECT_EQ(world.server.connections(), 1);
    EXPECT_EQ(world.server.messages().size(), 1U);
  }
}

TEST(Dialogue, AServerThatWantsAMessageForNobodyIsLeft) {
  World world{{.answer = [](int, const std::string& command) -> Answer {
    return {.reply = command.starts_with("RCPT TO:<bounce-") ? "550 unknown" : ""};
  }}};
  EXPECT_EQ(world.send("bounce-x@example.com").error().detail, "550");
  EXPECT_TRUE(world.server.messages().empty());
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 2);
  EXPECT_EQ(world.server.messages().size(), 1U);
}

TEST(Dialogue, TheReplyToTheMessageIsDefinite) {
  World world{{.answer = [](int, const std::string& command) -> Answer {
    return {.reply = command == "." ? "451 4.3.0 later" : ""};
  }}};
  const auto deferred = world.send();
  EXPECT_EQ(deferred.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(deferred.error().detail, "451");
  EXPECT_EQ(deferred.error().sent, Sent::kNo);
}

TEST(Dialogue, AConnectionCutAfterTheMessageSaysMaybeAndIsNotRepeated) {
  World world{{.answer = [](int, const std::string& command) -> Answer {
    return {.silent = command == ".", .close = command == "."};
  }}};
  const auto lost = world.send();
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(lost.error().sent, Sent::kMaybe);
  EXPECT_EQ(world.server.connections(), 1);
}

/// A server that takes messages and never says so.
ScriptedServer::Script silent_at_the_end(int& taken) {
  return {.answer = [&taken](int, const std::string& command) -> Answer {
    taken += command == "." ? 1 : 0;
    return {.silent = command == "."};
  }};
}

/// Once more when the machine was too slow for a message to get through before its timeout.
template <class Attempt>
void repeat_until_taken(Attempt attempt) {
  for (int i = 0; i < 20; ++i) {
    int taken = 0;
    World world{silent_at_the_end(taken), {.connections = 1, .timeout = 300ms}};
    if (attempt(world, taken)) return;
  }
  FAIL() << "no message got through";
}

TEST(Dialogue, NoReplyToTheMessageInTimeSaysMaybe) {
  repeat_until_taken([](World& world, const int& taken) {
    const auto begin = std::chrono::steady_clock::now();
    const auto late = world.send();
    EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
    if (taken == 0 || std::chrono::steady_clock::now() - begin > 3s) return false;
    EXPECT_EQ(late.error().sent, Sent::kMaybe);
    return true;
  });
}

TEST(Dialogue, NoReplyBeforeTheMessageSaysNo) {
  for (const auto* silent : {"EHLO", "MAIL", "RCPT", "DATA"}) {
    World world{{.answer = [silent, stuck = false](int, const std::string& command) mutable -> Answer {
                  stuck = stuck || command.starts_with(silent);
                  return {.silent = stuck};
                }},
                {.timeout = 300ms}};
    const auto late = world.send();
    ASSERT_FALSE(late) << silent;
    EXPECT_EQ(late.error().code, ErrorCode::kTimeout) << silent;
    EXPECT_EQ(late.error().sent, Sent::kNo) << silent;
  }
}

TEST(Dialogue, AMessageCutShortSaysNo) {
  World world{{.answer = [](int, const std::string& command) -> Answer {
    return {.cut_on_data = command == "DATA"};
  }}};
  auto mail = mail_to("hong@example.com");
  mail.text = PrivateText{std::string(32 << 20, 'x')};
  const auto cut = support::run(world.io, world.client->send(mail));
  EXPECT_EQ(cut.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(cut.error().sent, Sent::kNo);
}

TEST(Dialogue, AStaleConnectionIsReplacedUnnoticed) {
  for (const bool says_so : {true, false}) {
    World world{
        {.answer = [says_so, mails = 0](int connection, const std::string& command) mutable -> Answer {
          if (connection > 1 || !command.starts_with("MAIL") || ++mails < 2) return {};
          return {.reply = "421 4.4.2 idle too long", .silent = !says_so, .close = true};
        }}};
    ASSERT_TRUE(world.send());
    const auto again = world.send();
    EXPECT_TRUE(again) << again.error().message;
    EXPECT_EQ(world.server.connections(), 2);
    EXPECT_EQ(world.server.messages().size(), 2U);
  }
}

TEST(Dialogue, ANewConnectionThatIsCutIsAnError) {
  World world{{.answer = [](int, const std::string& command) -> Answer {
    return {.silent = command.starts_with("MAIL"), .close = command.starts_with("MAIL")};
  }}};
  const auto cut = world.send();
  EXPECT_EQ(cut.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(cut.error().sent, Sent::kNo);
  EXPECT_EQ(world.server.connections(), 1);
}

TEST(Dialogue, APasswordNeverGoesOutInClear) {
  World world{{.extensions = {"AUTH PLAIN LOGIN", "PIPELINING"}},
              {.username = "bongsu", .password = "s3cret"}};
  EXPECT_EQ(world.send().error().code, ErrorCode::kUnavailable);
  for (const auto& command : world.server.commands()) EXPECT_FALSE(command.starts_with("AUTH")) << command;
}

TEST(Dialogue, AHostThatGreetsWith554IsNotTheMailsFault) {
  World world{{.greeting = "554 no service here"}};
  const auto refused = world.send();
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().detail, "554");
}

TEST(Dialogue, ASlowServerStopsNobodyElse) {
  int arrived = 0;
  World world{{.answer = [&arrived](int, const std::string& command) -> Answer {
                if (command != ".") return {};
                ++arrived;
                return {.waits_for = [&arrived] { return arrived == 8; }};
              }},
              {.connections = 8, .timeout = 30s}};
  int taken = 0;
  for (int i = 0; i < 8; ++i)
    asio::co_spawn(world.io, world.client->send(mail_to("hong@example.com")),
                   [&](std::exception_ptr, Result<Receipt> receipt) { taken += receipt ? 1 : 0; });
  world.turn_until([&] { return taken == 8; });
  EXPECT_EQ(world.server.connections(), 8);
}

TEST(Dialogue, ManyMailsShareTheFewConnectionsAllowed) {
  World world{{}, {.connections = 3}};
  int taken = 0;
  for (int i = 0; i < 100; ++i)
    asio::co_spawn(world.io, world.client->send(mail_to("hong@example.com")),
                   [&](std::exception_ptr, Result<Receipt> receipt) { taken += receipt ? 1 : 0; });
  world.turn_until([&] { return taken == 100; });
  EXPECT_EQ(world.server.most_open(), 3);
  EXPECT_EQ(world.server.messages().size(), 100U);
}

TEST(Dialogue, AMailThatGetsNoConnectionInTimeSaysNo) {
  repeat_until_taken([](World& world, const int& taken) {
    std::vector<Sent> sent;
    for (int i = 0; i < 2; ++i)
      asio::co_spawn(
          world.io, world.client->send(mail_to("hong@example.com")),
          [&](std::exception_ptr, Result<Receipt> receipt) { sent.push_back(receipt.error().sent); });
    world.turn_until([&] { return sent.size() == 2; });
    if (taken == 0) return false;
    std::ranges::sort(sent);
    EXPECT_EQ(sent, (std::vector{Sent::kNo, Sent::kMaybe}));
    return true;
  });
}

TEST(Dialogue, AnIdleConnectionIsClosedWithQuit) {
  World world{{}, {.idle_timeout = 100ms}};
  ASSERT_TRUE(world.send());
  world.turn_until([&] { return world.server.commands().back() == "QUIT"; });
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 2);
}

TEST(Dialogue, ProbeAsksAnOpenConnectionOrOpensOne) {
  World world{{}};
  EXPECT_TRUE(support::run(world.io, world.client->probe()));
  EXPECT_TRUE(support::run(world.io, world.client->probe()));
  EXPECT_EQ(world.server.connections(), 1);
  EXPECT_EQ(world.server.commands().back(), "NOOP");
}

TEST(Dialogue, ACancelledMailLeavesItsConnectionUnused) {
  World world{{.answer = [](int connection, const std::string& command) -> Answer {
    return {.silent = connection == 1 && command == "DATA"};
  }}};
  asio::cancellation_signal stop;
  bool ended = false;
  asio::co_spawn(
      world.io, world.client->send(mail_to("hong@example.com")),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, Result<Receipt>) { ended = true; }));
  world.turn_until(
      [&] { return !world.server.commands().empty() && world.server.commands().back() == "DATA"; });
  stop.emit(asio::cancellation_type::terminal);
  world.turn_until([&] { return ended; });
  EXPECT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 2);
}

}  // namespace
}  // namespace bongsu::smtp
