#pragma once
#include <bongsu/http/request.hpp>

#include <boost/beast/http/basic_parser.hpp>

namespace bongsu::http {

/// Beast's parser, writing into a Request of ours without an allocation for each field.
class MessageParser final : public boost::beast::http::basic_parser<true> {
 public:
  MessageParser(Request& request, std::size_t max_header) : request_(request), max_header_(max_header) {
    header_limit(static_cast<std::uint32_t>(max_header));
    body_limit(boost::none);  // the route's bound is not known before the header is
  }

  /// Bounds what is still to come, once the header is there.
  void bound_body(std::size_t bound) { max_body_ = bound; }
  bool is_http_1_0() const { return version_ == 10; }
  bool expects_continue() const { return expectation_ == Expectation::kContinue; }
  bool expects_something_else() const { return expectation_ == Expectation::kOther; }
  /// Rules of RFC 9112 that Beast leaves to its user: one Host, chunked and nothing else.
  bool breaks_a_rule() const { return (version_ == 11 && hosts_ != 1) || hosts_ > 1 || foreign_encoding_; }

 private:
  using Field = boost::beast::http::field;
  using Verb = boost::beast::http::verb;
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;
  enum class Expectation : std::uint8_t { kNone, kContinue, kOther };

  static Method method_of(Verb verb);
  static std::string_view view(View text) { return {text.data(), text.size()}; }

  void on_request_impl(Verb verb, View, View target, int version, ErrorCode&) override {
    version_ = version;
    request_.set(method_of(verb), view(target));
    header_size_ = target.size();
  }
  void on_response_impl(int, View, int, ErrorCode&) override {}
  void on_field_impl(Field field, View name, View value, ErrorCode& error) override;
  void on_header_impl(ErrorCode&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
    if (length) request_.mutable_body().reserve(std::min<std::size_t>(*length, 64U << 10));
  }
  std::size_t on_body_impl(View body, ErrorCode& error) override { return take(body, error); }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode& error) override {
    return take(body, error);
  }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t take(View body, ErrorCode& error) {
    if (body.size() > max_body_ - std::min(max_body_, request_.body().size())) {
      error = boost::beast::http::error::body_limit;
      return 0;
    }
    request_.mutable_body().append(body.data(), body.size());
    return body.size();
  }

  Request& request_;
  std::size_t max_header_;
  std::size_t max_body_ = 0;
  std::size_t header_size_ = 0;
  int version_ = 0;  // 10 or 11
  int hosts_ = 0;
  Expectation expectation_ = Expectation::kNone;
  bool foreign_encoding_ = false;
  bool header_done_ = false;
};

inline Method MessageParser::method_of(Verb verb) {
  switch (verb) {
    case Verb::get:
      return Method::kGet;
    case Verb::head:
      return Method::kHead;
    case Verb::post:
      return Method::kPost;
    case Verb::put:
      return Method::kPut;
    case Verb::patch:
      return Method::kPatch;
    case Verb::delete_:
      return Method::kDelete;
    case Verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

inline void MessageParser::on_field_impl(Field field, View name, View value, ErrorCode& error) {
  header_size_ += name.size() + value.size() + 4;
  if (header_size_ > max_header_) {
    error = boost::beast::http::error::header_limit;
    return;
  }
  if (header_done_) return;  // a trailer: it can change nothing any more
  if (field == Field::host) ++hosts_;
  if (field == Field::expect) {
    expectation_ =
        boost::beast::iequals(value, "100-continue") ? Expectation::kContinue : Expectation::kOther;
  }
  if (field == Field::transfer_encoding && !boost::beast::iequals(value, "chunked")) foreign_encoding_ = true;
  request_.add_header(view(name), view(value));
}

}  // namespace bongsu::http
