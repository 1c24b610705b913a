#pragma once
#include <ostream>
#include <string>
#include <utility>

namespace bongsu {

/// What tells a person: it cannot be printed, formatted or streamed. masked() is for people,
/// reveal() is the one word by which the text leaves its type: searchable, and reviewed.
template <class Kind>
class Private {
 public:
  Private() = default;
  explicit Private(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  std::string masked() const { return Kind::mask(text_); }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Private&, const Private&) = default;
  friend std::ostream& operator<<(std::ostream&, const Private&) = delete;

 private:
  std::string text_;
};

/// hong@example.com → h***@example.com
struct EmailKind {
  static std::string mask(const std::string& text);
};
/// 010-1234-5678 → ***-****-5678; keeps the last four digits
struct PhoneKind {
  static std::string mask(const std::string& text);
};
/// 홍길동 → 홍**
struct NameKind {
  static std::string mask(const std::string& text);
};
/// Nothing of it is shown, only how long it is.
struct TextKind {
  static std::string mask(const std::string& text);
};
/// Masks as an email address or as a phone number, by what it looks like.
struct RecipientKind {
  static std::string mask(const std::string& text);
};

using EmailAddress = Private<EmailKind>;
using PhoneNumber = Private<PhoneKind>;
using PersonName = Private<NameKind>;
using PrivateText = Private<TextKind>;
using Recipient = Private<RecipientKind>;

}  // namespace bongsu
