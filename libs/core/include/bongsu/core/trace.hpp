#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/random.hpp>

#include <string>
#include <string_view>

namespace bongsu {

/// W3C Trace Context, version 00: which trace an event belongs to.
class TraceContext {
 public:
  static TraceContext start(Random& random);
  /// A traceparent header's value. Errors: kInvalidArgument; the caller then starts a new trace.
  static Result<TraceContext> parse(std::string_view traceparent);

  /// The same trace with a new parent id.
  TraceContext child(Random& random) const;
  /// 00-{trace id}-{parent id}-{flags}
  const std::string& traceparent() const { return text_; }

 private:
  explicit TraceContext(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bongsu
