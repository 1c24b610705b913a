#include "remembered_answers.hpp"

#include "known_keys.hpp"
#include "problems.hpp"

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSealedAs = "gateway.answer";
constexpr auto kPatience = 500ms;

}  // namespace

asio::awaitable<http::Response> RememberedAnswers::once(Repeatable request, Success success,
                                                        http::Language language,
                                                        asio::awaitable<Checked<std::string>> work) {
  if (request.key) {
    const auto before = co_await find(*request.key, request.body);
    if (!before) co_return to_response(before.error(), language);
    if (!before->empty()) {
      auto response = http::success(success.status, success.message.in(language), *before);
      set(response.headers, kReplayedHeader, "true");
      co_return response;
    }
  }
  const auto data = co_await std::move(work);
  if (!data) co_return to_response(data.error(), language);
  if (request.key) {
    const auto noted = co_await remember(*request.key, request.body, *data);
    if (!noted) co_return to_response(problem_of_failure(noted.error()), language);
  }
  co_return http::success(success.status, success.message.in(language), std::string_view{*data});
}

asio::awaitable<Checked<std::string>> RememberedAnswers::find(Uuid key, Uuid body) {
  const auto known = co_await find_keys(pool_, {key}, kPatience);
  if (!known) co_return std::unexpected(problem_of_failure(known.error()));
  const auto hit = known->find(key);
  if (hit == known->end() || !hit->second.answer) co_return std::string{};
  if (hit->second.body != body) co_return std::unexpected(idempotency_conflict());
  auto data = box_.open(*hit->second.answer, key, kSealedAs);
  if (!data) co_return std::unexpected(problem_of_failure(data.error()));
  co_return std::move(*data);
}

asio::awaitable<Result<void>> RememberedAnswers::remember(Uuid key, Uuid body, std::string data) {
  KnownKey answered{.body = body, .id = key, .answer = box_.seal(data, key, kSealedAs, random_)};
  co_return co_await remember_key(pool_, key, std::move(answered), kPatience);
}

}  // namespace bongsu::gateway
