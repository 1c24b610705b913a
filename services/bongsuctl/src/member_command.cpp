#include "member_command.hpp"

#include "member_file.hpp"
#include "progress_bar.hpp"

#include <bongsu/http/api.hpp>

#include <fstream>
#include <iostream>

#include <boost/json.hpp>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLines = 1000;
constexpr std::size_t kBytes = 7U << 20U;  // the gateway takes 8 MiB
constexpr std::size_t kShown = 20;
constexpr std::size_t kKept = 10'000;
constexpr auto kPatience = 60s;
constexpr auto kPause = 1s;

struct Rejected {
  std::size_t line = 0;
  std::string code;
  std::string message;
};

struct Totals {
  std::int64_t lines = 0;
  std::int64_t imported = 0;
  std::int64_t updated = 0;
  std::int64_t rejected = 0;
  std::vector<Rejected> first_rejected;  ///< kKept at most
};

/// A body of lines that goes out in one go, and where each stands in the file.
struct Chunk {
  std::string body;
  std::vector<std::size_t> numbers;
};

Error error_of(const http::ClientResponse& response) {
  auto error = http::failure_of(response);
  error.message = "the gateway answers " + std::to_string(response.status);
  const auto text = http::text_at(response.body, "message");
  if (!text.empty()) error.message += ": " + text;
  return error;
}

/// One pass through the file.
class Import {
 public:
  Import(asio::any_io_executor executor, const ImportOptions& options, http::Url url, std::uint64_t size,
         bool dry)
      : options_(options),
        url_(std::move(url)),
        size_(size),
        dry_(dry),
        client_(executor, {.connections = 1, .timeout = options.timeout}),
        bar_(std::cerr, on_terminal()) {}

  asio::awaitable<Result<Totals>> run(std::istream& in) {
    auto file = MemberFile::open(in);
    if (!file) co_return std::unexpected(file.error());
    while (auto chunk = next_chunk(*file)) {
      if (auto sent = co_await send(*chunk); !sent) co_return std::unexpected(sent.error());
      bar_.show(step(*file));
    }
    bar_.end({.done = 1, .text = text()});
    co_return std::move(totals_);
  }

 private:
  std::optional<Chunk> next_chunk(MemberFile& file) {
    Chunk chunk;
    while (chunk.numbers.size() < kLines && chunk.body.size() < kBytes) {
      auto line = file.next();
      if (!line) {
        ++totals_.lines;
        reject({file.line_number(), line.error().detail, line.error().message});
        continue;
      }
      if (!*line) break;
      ++totals_.lines;
      chunk.body.append((*line)->json).push_back('\n');
      chunk.numbers.push_back((*line)->number);
    }
    if (chunk.numbers.empty()) return std::nullopt;
    return chunk;
  }

  /// Again while the gateway is away: the same lines change nothing the second time.
  asio::awaitable<Result<void>> send(const Chunk& chunk) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    http::ClientRequest request{http::Method::kPost, url_};
    request.header("Authorization", "Bearer " + options_.token).header("Accept-Language", "en");
    request.body("application/x-ndjson", chunk.body);
    bool told = false;
    while (true) {
      const auto response = co_await client_.send(request);
      if (response && response->status == 200) co_return take(chunk, response->body);
      const auto error = response ? error_of(*response) : response.error();
      const bool away = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
      if (!away || std::chrono::steady_clock::now() > until) co_return std::unexpected(error);
      if (!std::exchange(told, true)) bar_.say("waiting: " + error.message);
      co_await sleep_for(kPause);
    }
  }

  Result<void> take(const Chunk& chunk, const std::string& body) {
    boost::system::error_code bad;
    const auto json = boost::json::parse(body, bad);
    const auto* data = bad || !json.is_object() ? nullptr : json.as_object().if_contains("data");
    if (data == nullptr || !data->is_object()) {
      return fail(ErrorCode::kInternal, "the gateway's answer is none to an import");
    }
    totals_.imported += data->at("imported").as_int64();
    totals_.updated += data->at("updated").as_int64();
    for (const auto& one : data->at("rejected").as_array()) {
      const auto place = static_cast<std::size_t>(one.at("line").as_int64()) - 1;
      reject({place < chunk.numbers.size() ? chunk.numbers[place] : 0,
              std::string{one.at("code").as_string()}, std::string{one.at("message").as_string()}});
    }
    return {};
  }

  void reject(Rejected one) {
    ++totals_.rejected;
    if (totals_.first_rejected.size() < kShown) {
      bar_.say("line " + std::to_string(one.line) + ": " + one.code + ": " + one.message);
    }
    if (totals_.first_rejected.size() < kKept) totals_.first_rejected.push_back(std::move(one));
  }

  Step step(const MemberFile& file) const {
    const auto done = size_ == 0 ? 0.0 : static_cast<double>(file.bytes_read()) / static_cast<double>(size_);
    return {.done = done, .text = text()};
  }

  std::string text() const {
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    const auto rate =
        static_cast<std::int64_t>(static_cast<double>(totals_.lines) / std::max(seconds, 0.001));
    return std::string{dry_ ? "checked " : ""} + grouped(totals_.lines) + " lines, " +
           grouped(totals_.rejected) + " rejected, " + grouped(rate) + "/s";
  }

  const ImportOptions& options_;
  http::Url url_;
  std::uint64_t size_;
  bool dry_;
  http::Client client_;
  ProgressBar bar_;
  Totals totals_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

Report report_of(const Totals& totals) {
  boost::json::array rejected;
  rejected.reserve(totals.first_rejected.size());
  for (const auto& one : totals.first_rejected) {
    rejected.push_back(boost::json::object{{"line", one.line}, {"code", one.code}, {"message", one.message}});
  }
  const boost::json::object json{{"lines", totals.lines},
                                 {"imported", totals.imported},
                                 {"updated", totals.updated},
                                 {"rejectedCount", totals.rejected},
                                 {"rejected", std::move(rejected)}};
  return {.columns = {"lines", "imported", "updated", "rejected"},
          .rows = {{grouped(totals.lines), grouped(totals.imported), grouped(totals.updated),
                    grouped(totals.rejected)}},
          .json = boost::json::serialize(json),
          .fine = totals.rejected == 0};
}

asio::awaitable<Result<Totals>> one_pass(const ImportOptions& options, bool dry) {
  auto url = http::Url::parse(options.gateway + "/api/admin/members/import" + (dry ? "/check" : ""));
  if (!url) co_return std::unexpected(url.error());
  const bool from_standard_input = options.file == "-";
  std::ifstream opened;
  std::uint64_t size = 0;
  if (!from_standard_input) {
    opened.open(options.file, std::ios::ate | std::ios::binary);
    if (!opened) co_return fail(ErrorCode::kNotFound, options.file + ": cannot be opened");
    size = static_cast<std::uint64_t>(opened.tellg());
    opened.seekg(0);
  }
  Import import{co_await asio::this_coro::executor, options, std::move(*url), size, dry};
  co_return co_await import.run(from_standard_input ? std::cin : opened);
}

}  // namespace

asio::awaitable<Result<Report>> import_members(ImportOptions options) {
  if (options.strict) {
    if (options.file == "-") {
      co_return fail(ErrorCode::kInvalidArgument, "--strict reads the file twice: name a file, not -");
    }
    const auto judged = co_await one_pass(options, true);
    if (!judged) co_return std::unexpected(judged.error());
    if (judged->rejected > 0) {
      co_return fail(ErrorCode::kRejected, grouped(judged->rejected) + " of " + grouped(judged->lines) +
                                               " lines are wrong: nothing was stored");
    }
  }
  const auto totals = co_await one_pass(options, false);
  if (!totals) co_return std::unexpected(totals.error());
  co_return report_of(*totals);
}

}  // namespace bongsu::ctl
