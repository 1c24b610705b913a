#pragma once
#include <bongsu/http/client.hpp>

#include <boost/beast/http/basic_parser.hpp>

namespace bongsu::http {

/// Beast's parser, writing into a ClientResponse of ours without an allocation for each field.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  static constexpr std::uint32_t kMaxHeader = 16U << 10;

  ResponseParser(ClientResponse& response, bool to_head, std::size_t max_body)
      : response_(response), max_body_(max_body) {
    skip(to_head);
    header_limit(kMaxHeader);
    body_limit(boost::none);
    eager(true);
  }

  /// Whether the header says that more is to come than there may be.
  bool announces_too_much() const { return is_header_done() && content_length().value_or(0) > max_body_; }
  /// 100 Continue and its like: the answer is still to come.
  bool is_interim() const { return response_.status >= 100 && response_.status < 200; }

 private:
  using Field = boost::beast::http::field;
  using Verb = boost::beast::http::verb;
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;

  void on_request_impl(Verb, View, View, int, ErrorCode&) override {}
  void on_response_impl(int status, View, int, ErrorCode&) override { response_.status = status; }
  void on_field_impl(Field, View name, View value, ErrorCode& error) override {
    auto& text = response_.header_text;
    if (header_done_) return;  // a trailer
    if (text.size() + name.size() + value.size() > kMaxHeader) {
      error = boost::beast::http::error::header_limit;
      return;
    }
    text.append(name.data(), name.size()).push_back('\0');
    text.append(value.data(), value.size()).push_back('\0');
  }
  void on_header_impl(ErrorCode&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
    if (length) response_.body.reserve(std::min<std::size_t>(*length, 64U << 10));
  }
  std::size_t on_body_impl(View body, ErrorCode& error) override { return take(body, error); }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode& error) override {
    return take(body, error);
  }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t take(View body, ErrorCode& error) {
    if (body.size() > max_body_ - std::min(max_body_, response_.body.size())) {
      error = boost::beast::http::error::body_limit;
      return 0;
    }
    response_.body.append(body.data(), body.size());
    return body.size();
  }

  ClientResponse& response_;
  std::size_t max_body_;
  bool header_done_ = false;
};

}  // namespace bongsu::http
