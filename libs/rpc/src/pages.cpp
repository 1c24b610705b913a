#include <bongsu/core/bytes.hpp>
#include <bongsu/rpc/pages.hpp>

#include <algorithm>

namespace bongsu::rpc {
namespace {

constexpr std::size_t kDigestBytes = 12;

std::string digest_of(std::string_view query, std::string_view position) {
  std::string text{"page-token/1"};
  text.append(std::to_string(query.size())).append("/").append(query).append(position);
  const auto whole = sha256(text);
  return {reinterpret_cast<const char*>(whole.data()), kDigestBytes};
}

}  // namespace

Answer<std::int32_t> page_size_of(std::int32_t asked) {
  if (asked < 0) {
    return refuse_fields({{"page_size", "out_of_range", "must be between 0 (the default) and 1000"}});
  }
  return asked == 0 ? kDefaultPageSize : std::min(asked, kMaxPageSize);
}

std::string make_page_token(std::string_view query, std::string_view position) {
  return to_base64(digest_of(query, position) + std::string{position});
}

Answer<std::string> read_page_token(std::string_view token, std::string_view query) {
  const auto bytes = from_base64(token);
  if (bytes && bytes->size() >= kDigestBytes) {
    auto position = bytes->substr(kDigestBytes);
    if (std::string_view{*bytes}.starts_with(digest_of(query, position))) return position;
  }
  return refuse_fields(
      {{"page_token", "page_token_of_another_query",
        "is not a token of this query; take next_page_token as it came, with the same filter, "
        "or leave it out to begin anew"}});
}

}  // namespace bongsu::rpc
