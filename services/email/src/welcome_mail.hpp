#pragma once
#include "template_files.hpp"

#include <bongsu/core/error.hpp>
#include <bongsu/core/private.hpp>

#include <memory>
#include <string_view>

namespace bongsu::email {

/// The mail that greets a new member, written from templates (mustache): for each language
/// welcome.LANGUAGE.subject.txt, welcome.LANGUAGE.txt and welcome.LANGUAGE.html, with the variables
/// {{name}} and {{sender}}. Values are escaped in the HTML part and nowhere else.
///
/// Threads: the io_context's one thread.
class WelcomeMail {
 public:
  struct Written {
    PrivateText subject;
    PrivateText text;
    PrivateText html;
  };

  /// Checks everything, so that writing cannot fail. Errors: kInvalidArgument, naming the file that is
  /// missing, is no template, or names a variable that there is not.
  static Result<WelcomeMail> load(const TemplateFiles& files, const PersonName& sender);

  /// `locale` is "ko" or "en"; for any other it is Korean.
  Written write(const PersonName& name, std::string_view locale) const;

 private:
  struct Languages;
  explicit WelcomeMail(std::shared_ptr<const Languages> languages) : languages_(std::move(languages)) {}

  std::shared_ptr<const Languages> languages_;
};

}  // namespace bongsu::email
