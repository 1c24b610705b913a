#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/headers.hpp>
#include <bongsu/core/private.hpp>
#include <bongsu/core/time.hpp>

#include <string>

namespace bongsu::smtp {

/// One mail to one recipient.
struct Mail {
  std::string message_id;  ///< without the angle brackets: "0193…@mail.example.com"
  EmailAddress from;       ///< of the header and of the envelope
  PersonName from_name;    ///< may be empty
  EmailAddress to;
  PrivateText subject;
  PrivateText text;
  PrivateText html;  ///< empty: no HTML part
  Headers extra;     ///< more header fields, ASCII
  Timestamp date;
};

/// The mail as it goes over the wire (RFC 5322, MIME), lines ended by CRLF, not yet dot-stuffed.
/// Subject and name are UTF-8 in encoded words (RFC 2047) where they are not plain ASCII; the text is
/// plain where it is short-lined ASCII, base64 elsewhere; with HTML it is a multipart/alternative. The
/// same mail gives the same bytes. No line is longer than 998 characters, no body line than 76.
///
/// Errors: kInvalidArgument, with the field's name as detail, for what is not UTF-8, holds a line
/// break or another control character outside the bodies, or is no mailbox. So nothing that a caller
/// passes can add a header field or a recipient.
Result<std::string> compose(const Mail& mail);

}  // namespace bongsu::smtp
