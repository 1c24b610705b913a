#include "members/import_api.hpp"

#include "contact.hpp"
#include "drafts.hpp"
#include "problems.hpp"

#include <bongsu/http/json.hpp>

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

constexpr std::string_view kRole = "member.import";
constexpr std::string_view kOperation = "members/import";
constexpr std::string_view kCheckOperation = "members/import/check";
constexpr std::string_view kMediaType = "application/x-ndjson";
constexpr std::size_t kMaxLines = 1000;
constexpr std::size_t kMaxBody = 8U << 20U;

const http::Text kImported{"회원 정보를 반영했습니다.", "The members have been imported."};
const http::Text kTooMany{"한 번에 1,000줄까지 보낼 수 있습니다.",
                          "At most 1,000 lines can be sent at once."};

/// A line that is stored nowhere, and why.
struct Rejected {
  std::size_t line = 0;  ///< from 1
  std::string code;
  std::string message;
};

struct Lines {
  std::vector<ImportedMember> members;
  std::vector<std::size_t> numbers;  ///< of the members' lines
  std::vector<Rejected> rejected;
};

/// All that is wrong with a line in one sentence: "email: This is not an email address."
Rejected reject(std::size_t number, const std::vector<http::FieldError>& errors, http::Language language) {
  Rejected rejected{.line = number, .code = errors.front().code, .message = {}};
  for (const auto& error : errors) {
    if (!rejected.message.empty()) rejected.message += " ";
    if (!error.field.empty()) rejected.message += error.field + ": ";
    rejected.message += error.message.in(language);
  }
  return rejected;
}

std::expected<ImportedMember, std::vector<http::FieldError>> read_line(std::string_view line, Timestamp now,
                                                                       const Fingerprints& fingerprints) {
  const auto json = http::Json::parse(line);
  if (!json) return std::unexpected(std::vector{json.error()});
  http::ObjectReader reader{json->object()};
  auto draft = read_import_line(reader);
  FieldErrors errors{reader.errors()};
  ImportedMember member{.user_id = draft.user_id.value_or(""),
                        .email_hash = {},
                        .member = check(draft.member, date_in_seoul(now), errors),
                        .active = {},
                        .consent_marketing = draft.consent_marketing,
                        .consent_night = draft.consent_night};
  if (draft.user_id && !is_user_id(*draft.user_id)) errors.add("userId", "invalid_value");
  if (draft.status) {
    if (*draft.status != "ACTIVE" && *draft.status != "INACTIVE") errors.add("status", "invalid_value");
    member.active = *draft.status == "ACTIVE";
  }
  if (!errors.none()) return std::unexpected(errors.take());
  member.email_hash = fingerprints.email(email_identity(member.member.email));
  return member;
}

Lines read_lines(std::string_view body, Timestamp now, const Fingerprints& fingerprints,
                 http::Language language) {
  Lines lines;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const auto end = body.find('\n');
    auto line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(' ') == std::string_view::npos) continue;
    auto member = read_line(line, now, fingerprints);
    if (!member) {
      lines.rejected.push_back(reject(number, member.error(), language));
    } else {
      lines.members.push_back(std::move(*member));
      lines.numbers.push_back(number);
    }
  }
  return lines;
}

std::string data_of(const Lines& lines, const std::vector<ImportOutcome>& outcomes, http::Language language) {
  auto rejected = lines.rejected;
  std::int64_t imported = 0;
  std::int64_t updated = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == ImportOutcome::kImported) ++imported;
    if (outcomes[i] == ImportOutcome::kUpdated) ++updated;
    if (outcomes[i] != ImportOutcome::kEmailTaken) continue;
    const auto problem = email_taken();
    rejected.push_back(
        {.line = lines.numbers[i], .code = problem.code, .message = problem.message.in(language)});
  }
  std::sort(rejected.begin(), rejected.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  boost::json::array told;
  told.reserve(rejected.size());
  for (const auto& one : rejected) {
    told.push_back(boost::json::object{{"line", one.line}, {"code", one.code}, {"message", one.message}});
  }
  return boost::json::serialize(
      boost::json::object{{"imported", imported}, {"updated", updated}, {"rejected", std::move(told)}});
}

std::size_t count_lines(std::string_view body) {
  const auto ends = static_cast<std::size_t>(std::count(body.begin(), body.end(), '\n'));
  return body.empty() || body.ends_with('\n') ? ends : ends + 1;
}

}  // namespace

void ImportApi::add_to(http::Router& router) {
  const http::RouteOptions options{.max_body = kMaxBody, .media_type = std::string{kMediaType}};
  router.add(
      http::Method::kPost, "/api/admin/members/import",
      [this](http::Request& request) { return import(request, true); }, options);
  router.add(
      http::Method::kPost, "/api/admin/members/import/check",
      [this](http::Request& request) { return import(request, false); }, options);
}

asio::awaitable<http::Response> ImportApi::import(http::Request& request, bool storing) {
  const auto language = request.language();
  const auto now = parts_.clock.now();
  const auto caller = authorize(request, parts_.tokens, kRole, now);
  if (!caller) co_return to_response(caller.error(), language);
  const auto key_text = idempotency_key(request);
  if (!key_text) co_return to_response(key_text.error(), language);
  if (count_lines(request.body()) > kMaxLines) {
    co_return to_response(http::invalid_request({"", "too_many", kTooMany}), language);
  }
  const auto repeatable = parts_.fingerprints.repeatable(
      caller->subject, storing ? kOperation : kCheckOperation, *key_text, request.body());
  co_return co_await parts_.answers.once(repeatable, {200, kImported}, language,
                                         store(request, now, storing));
}

asio::awaitable<Checked<std::string>> ImportApi::store(const http::Request& request, Timestamp now,
                                                       bool storing) {
  const auto language = request.language();
  auto lines = read_lines(request.body(), now, parts_.fingerprints, language);
  const auto outcomes = storing ? co_await parts_.store.store(std::move(lines.members))
                                : co_await parts_.store.judge(std::move(lines.members));
  if (!outcomes) co_return std::unexpected(problem_of_failure(outcomes.error()));
  co_return data_of(lines, *outcomes, language);
}

}  // namespace bongsu::gateway
