#pragma once
#include <bongsu/http/problem.hpp>

namespace bongsu::http {

/// 400 for what breaks HTTP/1.1 itself.
Problem malformed_request();
/// 417 for an Expect that is not 100-continue.
Problem expectation_failed();

/// Whether a Content-Type names `expected`, in UTF-8 where it names a charset.
bool is_media_type(std::string_view content_type, std::string_view expected);

}  // namespace bongsu::http
