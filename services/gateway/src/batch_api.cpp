#include "batch_api.hpp"

#include "drafts.hpp"
#include "field_errors.hpp"
#include "problems.hpp"

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

constexpr std::string_view kOperation = "messages/batch";
constexpr std::size_t kMaxMessages = 1000;
constexpr std::size_t kMaxBody = 8U << 20U;

const http::Text kAccepted{"메시지 묶음이 접수되었습니다.", "The batch has been accepted."};

boost::json::object error_of(const http::Problem& problem, http::Language language) {
  boost::json::object error{{"code", problem.code}, {"message", problem.message.in(language)}};
  if (problem.errors.empty()) return error;
  boost::json::array fields;
  for (const auto& field : problem.errors) {
    fields.push_back(boost::json::object{
        {"field", field.field}, {"code", field.code}, {"message", field.message.in(language)}});
  }
  error["errors"] = std::move(fields);
  return error;
}

http::Problem problem_of(const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::kInProgress) return in_progress();
  if (verdict.kind == Verdict::Kind::kFailed) return problem_of_failure(verdict.error);
  return idempotency_conflict();
}

/// What an item's own fields are called: "recipient", not "messages[3].recipient".
std::vector<http::FieldError> own_fields(std::vector<http::FieldError> errors) {
  for (auto& error : errors) {
    const auto end = error.field.find("].");
    if (end != std::string::npos) error.field.erase(0, end + 2);
  }
  return errors;
}

}  // namespace

/// One request's messages and what becomes of each.
struct BatchApi::Batch {
  struct Entry {
    Message message;
    std::optional<std::string> client_message_id;
    std::optional<http::Problem> problem;
    bool late = false;
    Uuid id;
  };
  std::vector<Entry> entries;

  static Checked<Batch> read(const http::Request& request, Timestamp now);
  std::string fingerprint() const;
  std::string data(http::Language language) const;
};

Checked<BatchApi::Batch> BatchApi::Batch::read(const http::Request& request, Timestamp now) {
  const auto json = http::Json::parse(request.body());
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader body{json->object()};
  auto readers = body.objects("messages", 1, kMaxMessages);
  body.finish();
  if (!body.ok()) return std::unexpected(http::invalid_request(body.errors()));

  Batch batch;
  batch.entries.reserve(readers.size());
  for (auto& reader : readers) {
    Entry entry;
    auto draft = read_message(reader);
    entry.client_message_id = draft.client_message_id;
    FieldErrors errors{own_fields(reader.errors())};
    entry.message = check(std::move(draft), errors);
    entry.late = expired(entry.message, now);
    if (!errors.none()) entry.problem = http::invalid_request(errors.take());
    batch.entries.push_back(std::move(entry));
  }
  return batch;
}

/// Of a message that breaks a rule its problem stands for it: the same body has the same problems.
std::string BatchApi::Batch::fingerprint() const {
  std::string all;
  for (const auto& entry : entries) {
    std::string one = gateway::fingerprint(entry.message);
    if (entry.problem) {
      for (const auto& error : entry.problem->errors)
        one.append(error.field).append("=").append(error.code).append(";");
    }
    all.append(std::to_string(one.size())).append(":").append(one);
  }
  return all;
}

std::string BatchApi::Batch::data(http::Language language) const {
  boost::json::array items;
  items.reserve(entries.size());
  std::int64_t accepted = 0;
  for (const auto& entry : entries) {
    boost::json::object item;
    item["clientMessageId"] =
        entry.client_message_id ? boost::json::value(*entry.client_message_id) : nullptr;
    if (entry.problem) {
      item["error"] = error_of(*entry.problem, language);
    } else {
      item["messageId"] = entry.id.str();
      item["status"] = "ACCEPTED";
      ++accepted;
    }
    items.push_back(std::move(item));
  }
  return boost::json::serialize(boost::json::object{{"accepted", accepted}, {"items", std::move(items)}});
}

void BatchApi::add_to(http::Router& router) {
  router.add(http::Method::kPost, "/api/messages/batch",
             [this](http::Request& request) { return send(request); }, {.max_body = kMaxBody});
}

asio::awaitable<http::Response> BatchApi::send(http::Request& request) {
  const auto language = request.language();
  const auto now = parts_.clock.now();
  const auto caller = authorize(request, parts_.tokens, kSendRole, now);
  if (!caller) co_return to_response(caller.error(), language);
  const auto key_text = idempotency_key(request);
  if (!key_text) co_return to_response(key_text.error(), language);
  auto batch = Batch::read(request, now);
  if (!batch) co_return to_response(batch.error(), language);

  // Only who sends a key pays for hashing a thousand messages.
  Repeatable repeatable;
  if (!key_text->empty()) {
    repeatable = parts_.fingerprints.repeatable(caller->subject, kOperation, *key_text, batch->fingerprint());
  }
  co_return co_await answers_.once(repeatable, {202, kAccepted}, language,
                                   store(*batch, caller->subject, request));
}

/// Stores what keeps the rules. A problem: the server's trouble, which concerns all of them.
asio::awaitable<Checked<std::string>> BatchApi::store(Batch& batch, const std::string& caller,
                                                      const http::Request& request) {
  const auto trace = trace_of(request);
  std::vector<NewMessage> items;
  std::vector<Batch::Entry*> owners;
  for (auto& entry : batch.entries) {
    if (entry.problem || entry.late) continue;
    items.push_back(prepare(parts_, entry.message, caller, {}, trace));
    owners.push_back(&entry);
  }
  const auto verdicts = co_await parts_.acceptor.accept_all(std::move(items));
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const auto& verdict = verdicts[i];
    if (verdict.kind == Verdict::Kind::kFailed && !is_the_rows_fault(verdict.error)) {
      co_return std::unexpected(problem_of_failure(verdict.error));
    }
    owners[i]->id = verdict.id;
    const bool good = verdict.kind == Verdict::Kind::kStored || verdict.kind == Verdict::Kind::kReplayed;
    if (!good) owners[i]->problem = problem_of(verdict);
  }
  co_await recall_expired(batch, caller);
  co_return batch.data(request.language());
}

/// A message that came in time once, and comes again too late, is answered as it was.
asio::awaitable<void> BatchApi::recall_expired(Batch& batch, const std::string& caller) {
  const auto deadline = std::chrono::steady_clock::now() + Acceptor<NewMessage>::kPatience;
  for (auto& entry : batch.entries) {
    if (!entry.late || entry.problem) continue;
    const auto item = prepare(parts_, entry.message, caller, {}, std::nullopt);
    const MessageStore::Items items{&item};
    const auto known = co_await parts_.store.look_up(items, deadline);
    if (!known) {
      entry.problem = problem_of_failure(known.error());
    } else if (!known->front()) {
      FieldErrors errors;
      errors.add("expiresAt", "in_the_past");
      entry.problem = http::invalid_request(errors.take());
    } else if (known->front()->kind == Verdict::Kind::kReplayed) {
      entry.id = known->front()->id;
    } else {
      entry.problem = problem_of(*known->front());
    }
  }
}

}  // namespace bongsu::gateway
