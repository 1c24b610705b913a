#include "command_line.hpp"

#include "addresses.hpp"
#include "completion.hpp"
#include "db_command.hpp"
#include "dlq/dlq_flags.hpp"
#include "job_flags.hpp"
#include "member_command.hpp"
#include "outbox_command.hpp"
#include "token_command.hpp"
#include "topics_command.hpp"
#include "version.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

namespace bongsu::ctl {
namespace {

using Command = std::function<asio::awaitable<Result<Report>>()>;

/// A report that is there already, as a command.
asio::awaitable<Result<Report>> at_once(Result<Report> report) { co_return report; }

void add_topics(CLI::App& app, const Environment& environment, Command& chosen) {
  auto* topics = app.add_subcommand("topics", "Kafka's topics");
  topics->require_subcommand(1);
  for (const bool apply : {true, false}) {
    auto* command =
        apply ? topics->add_subcommand("apply", "create what is missing, compare the rest")
              : topics->add_subcommand("check", "compare with what should be; exit code 1: differs");
    auto options = std::make_shared<TopicsOptions>();
    Address brokers{environment, "BONGSU_KAFKA"};
    brokers.add_to(*command, "--kafka", "host:port of brokers, separated by commas");
    command->add_option("--prefix", options->prefix, "of every topic's name")->capture_default_str();
    command->add_option("--partitions", options->defaults.partitions, "of every topic")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_option("--replication", options->defaults.replication, "of every topic")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->callback([options, brokers, apply, &chosen] {
      options->brokers = brokers.get("--kafka");
      chosen = [options, apply] { return apply ? apply_topics(*options) : check_topics(*options); };
    });
  }
}

void add_db(CLI::App& app, const Environment& environment, Command& chosen) {
  auto* db = app.add_subcommand("db", "PostgreSQL's schemas");
  db->require_subcommand(1);
  for (const bool migrate : {true, false}) {
    auto* command = migrate
                        ? db->add_subcommand("migrate", "bring every service's schema up to date")
                        : db->add_subcommand("status", "what is applied; exit code 1: something is pending");
    Address postgres{environment, "BONGSU_POSTGRES"};
    postgres.add_to(*command, "--postgres", "libpq URI of an administrator");
    command->callback([postgres, migrate, &chosen] {
      const auto uri = postgres.get("--postgres");
      chosen = [uri, migrate] { return migrate ? migrate_database(uri) : database_status(uri); };
    });
  }
}

void add_outbox(CLI::App& app, const Environment& environment, Command& chosen) {
  auto* outbox = app.add_subcommand("outbox", "events that wait to be published");
  outbox->require_subcommand(1);
  using Run = std::function<asio::awaitable<Result<Report>>(OutboxOptions, std::string)>;
  const auto add = [&](const char* name, const char* what, bool takes_id, Run run) {
    auto* command = outbox->add_subcommand(name, what);
    auto options = std::make_shared<OutboxOptions>();
    auto id = std::make_shared<std::string>();
    Address postgres{environment, "BONGSU_POSTGRES"};
    postgres.add_to(*command, "--postgres", "libpq URI of an administrator");
    command->add_option("--schema", options->schema, "of the service whose outbox it is")
        ->capture_default_str();
    if (takes_id) {
      command->add_option("id", *id, "an event's id, or all")->required();
    } else {
      command->add_option("--limit", options->limit, "rows at most")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
    }
    command->callback([options, id, postgres, run, &chosen] {
      options->uri = postgres.get("--postgres");
      chosen = [options, id, run] { return run(*options, *id); };
    });
  };
  add("status", "what waits, since when, what holds it back", false,
      [](OutboxOptions options, std::string) { return outbox_status(std::move(options)); });
  add("failed", "what Kafka refused; exit code 1: there is some", false,
      [](OutboxOptions options, std::string) { return outbox_failed(std::move(options)); });
  add("retry", "publish what was refused once more", true,
      [](OutboxOptions options, std::string id) { return outbox_retry(std::move(options), std::move(id)); });
}

void add_token(CLI::App& app, Invocation& invocation) {
  auto* token = app.add_subcommand("token", "bearer tokens");
  token->require_subcommand(1);
  auto* command = token->add_subcommand("create", "a signed token, on standard output");
  auto options = std::make_shared<TokenOptions>();
  command->add_option("--subject", options->subject, "whom it names")->required();
  command->add_option("--role", options->roles, "what they may do; can be given again");
  command->add_option("--ttl", options->ttl, "how long it is valid: 30m, 1h, 7d")->capture_default_str();
  command->add_option("--key", options->key_file, "KID.key or KID.hs256")->capture_default_str();
  command->add_option("--issuer", options->issuer, "iss")->capture_default_str();
  command->add_option("--audience", options->audience, "aud")->capture_default_str();
  command->callback([options, &invocation] {
    invocation.bare = true;
    invocation.command = [options] { return at_once(create_token(*options, SystemClock{}.now())); };
  });
}

void add_members(CLI::App& app, const Environment& environment, Invocation& invocation) {
  auto* member = app.add_subcommand("member", "members");
  member->require_subcommand(1);
  auto* command = member->add_subcommand(
      "import", "create and change members from CSV or NDJSON; exit code 1: some lines were left out");
  auto options = std::make_shared<ImportOptions>();
  ServiceAddress gateway{environment, kGateway};
  gateway.add_to(*command);
  command->add_option("file", options->file, "- is standard input")->required();
  command->add_flag("--strict", options->strict, "store nothing if any line is wrong");
  command->callback([options, gateway, &invocation] {
    options->gateway = gateway.address();
    options->token = gateway.token();
    invocation.command = [options, &invocation] {
      if (invocation.timeout) options->timeout = *invocation.timeout;
      return import_members(*options);
    };
  });
}

void add_completion(CLI::App& app, Invocation& invocation) {
  auto* completion = app.add_subcommand("completion", "completes this tool's commands in a shell");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "a script; use it by: source <(bongsuctl completion bash)")
      ->callback([&invocation] {
        invocation.bare = true;
        invocation.command = [] { return at_once(Report{.columns = {"script"}, .rows = {{bash_script()}}}); };
      });
  auto* words = app.add_subcommand("complete", "")->group("");  // for the script
  auto given = std::make_shared<std::vector<std::string>>();
  words->add_option("words", *given);
  words->callback([&app, given, &invocation] {
    Report report{.columns = {"word"}, .rows = {}, .lines = true};
    for (auto& word : candidates(app, *given)) report.rows.push_back({std::move(word)});
    invocation.command = [report] { return at_once(report); };
  });
}

void add_version(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("version", "this tool's version")->callback([&invocation] {
    invocation.bare = true;
    invocation.command = [] {
      return at_once(Report{.columns = {"version"}, .rows = {{version()}}, .fine = true});
    };
  });
}

/// Of --timeout, or of its variable.
std::optional<std::chrono::milliseconds> timeout_of(const std::string& given,
                                                    const Environment& environment) {
  const auto text = environment.find(given, "BONGSU_TIMEOUT");
  if (!text) return std::nullopt;
  const auto timeout = parse_duration(*text);
  if (!timeout || timeout->count() == 0)
    throw CLI::ValidationError("--timeout", *text + ": write 500ms, 30s or 2m");
  return *timeout;
}

}  // namespace

std::unique_ptr<Invocation> parse_command_line(int argc, const char* const* argv,
                                               const Environment& environment, int& exit_code) {
  auto invocation = std::make_unique<Invocation>();
  CLI::App app{"Operators' tool of Bongsu"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-o,--output", invocation->format, "table or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Format>{{"table", Format::kTable}, {"json", Format::kJson}}));
  app.add_flag("-y,--yes", invocation->yes, "do not ask");
  std::string timeout;
  app.add_option("--timeout", timeout,
                 "how long one call to a service may take: 500ms, 30s, 2m; by itself 5s, an import's 30s, "
                 "what counts or freezes millions 60s [BONGSU_TIMEOUT]");
  add_topics(app, environment, invocation->command);
  add_db(app, environment, invocation->command);
  add_outbox(app, environment, invocation->command);
  add_members(app, environment, *invocation);
  add_jobs(app, environment, *invocation);
  add_dead_letters(app, environment, *invocation);
  add_token(app, *invocation);
  add_version(app, *invocation);
  add_completion(app, *invocation);
  try {
    app.parse(argc, argv);
    invocation->timeout = timeout_of(timeout, environment);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error, std::cout, std::cerr) == 0 ? exit_code::kDone : exit_code::kUsage;
    return nullptr;
  }
  return invocation;
}

}  // namespace bongsu::ctl
