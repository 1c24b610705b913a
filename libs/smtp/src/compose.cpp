#include "header_text.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/smtp/address.hpp>
#include <bongsu/smtp/mail.hpp>

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

namespace bongsu::smtp {
namespace {

constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kFromField = "From: ";
constexpr std::string_view kSubjectField = "Subject: ";
constexpr std::size_t kBodyLine = 76;
constexpr std::size_t kLongestExtraValue = 900;
constexpr std::size_t kLongestMessageId = 250;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<void> refuse(std::string_view field) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("mail: {} cannot stand in a mail", field),
              std::string{field});
}

Result<void> check_extra(const Header& header) {
  const bool name_fits = !header.name.empty() && header.name.size() <= 60 && is_visible(header.name) &&
                         header.name.find(':') == std::string::npos;
  const bool value_fits = header.value.size() <= kLongestExtraValue &&
                          std::ranges::all_of(header.value, [](char c) { return c >= ' ' && c <= '~'; });
  if (!name_fits || !value_fits) return refuse("extra");
  return {};
}

Result<void> check(const Mail& mail) {
  if (!is_address(mail.from.reveal())) return refuse("from");
  if (!is_address(mail.to.reveal())) return refuse("to");
  const auto& id = mail.message_id;
  if (id.empty() || id.size() > kLongestMessageId || !is_visible(id) ||
      id.find_first_of("<>") != std::string::npos)
    return refuse("message_id");
  if (has_control(mail.subject.reveal()) || !is_utf8(mail.subject.reveal())) return refuse("subject");
  if (has_control(mail.from_name.reveal()) || !is_utf8(mail.from_name.reveal())) return refuse("from_name");
  if (!is_utf8(mail.text.reveal()) || mail.text.reveal().find('\0') != std::string::npos)
    return refuse("text");
  if (!is_utf8(mail.html.reveal()) || mail.html.reveal().find('\0') != std::string::npos)
    return refuse("html");
  for (const auto& header : mail.extra)
    if (auto fits = check_extra(header); !fits) return fits;
  return {};
}

/// RFC 5322, 3.3, in UTC.
std::string date_of(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays.at(std::chrono::weekday{day}.c_encoding()), static_cast<unsigned>(date.day()),
                     kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

/// The canonical form of text in mail (RFC 2049): every line break is CRLF, the last line has one.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32 + 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' || text[i] == '\n') {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      out += "\r\n";
    } else {
      out += text[i];
    }
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

/// Printable ASCII (and tabs) in lines of at most kBodyLine: needs no encoding.
bool goes_as_it_is(std::string_view canonical) {
  std::size_t column = 0;
  for (const char c : canonical) {
    if (c == '\r') continue;
    if (c == '\n') {
      column = 0;
      continue;
    }
    if ((c < ' ' && c != '\t') || c > '~' || ++column > kBodyLine) return false;
  }
  return true;
}

void append_base64(std::string& out, std::string_view data) {
  const auto encoded = to_base64(data);
  for (std::size_t at = 0; at < encoded.size(); at += kBodyLine) {
    out.append(encoded, at, kBodyLine);
    out += "\r\n";
  }
}

void append_part(std::string& out, std::string_view subtype, const std::string& canonical) {
  const bool plain = goes_as_it_is(canonical);
  out += fmt::format("Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n", subtype,
                     plain ? "7bit" : "base64");
  if (plain)
    out += canonical;
  else
    append_base64(out, canonical);
}

/// From the id, so that the same mail has the same bytes, and moved on where a body holds it.
std::string boundary_for(const Mail& mail, std::string_view text, std::string_view html) {
  for (int turn = 0;; ++turn) {
    const auto digest = sha256(fmt::format("{}/{}", mail.message_id, turn));
    const auto boundary =
        "=_" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 32);
    if (text.find(boundary) == std::string_view::npos && html.find(boundary) == std::string_view::npos)
      return boundary;
  }
}

void append_fields(std::string& out, const Mail& mail) {
  out += fmt::format("Date: {}\r\n", date_of(mail.date));
  out += kFromField;
  if (!mail.from_name.empty()) out += display_name(mail.from_name.reveal(), kFromField.size()) + "\r\n ";
  out += fmt::format("<{}>\r\nTo: <{}>\r\n", mail.from.reveal(), mail.to.reveal());
  out += fmt::format("Message-ID: <{}>\r\n", mail.message_id);
  out.append(kSubjectField).append(header_text(mail.subject.reveal(), kSubjectField.size())).append("\r\n");
  for (const auto& [name, value] : mail.extra) out += fmt::format("{}: {}\r\n", name, value);
  out += "MIME-Version: 1.0\r\n";
}

}  // namespace

Result<std::string> compose(const Mail& mail) {
  if (auto fits = check(mail); !fits) return std::unexpected(fits.error());
  const auto text = with_crlf(mail.text.reveal());
  std::string out;
  out.reserve(1024 + 2 * (text.size() + mail.html.reveal().size()));
  append_fields(out, mail);
  if (mail.html.empty()) {
    append_part(out, "plain", text);
    return out;
  }
  const auto html = with_crlf(mail.html.reveal());
  const auto boundary = boundary_for(mail, text, html);
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n--{}\r\n", boundary,
                     boundary);
  append_part(out, "plain", text);
  out += fmt::format("\r\n--{}\r\n", boundary);
  append_part(out, "html", html);
  out += fmt::format("\r\n--{}--\r\n", boundary);
  return out;
}

}  // namespace bongsu::smtp
