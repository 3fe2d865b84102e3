"""Shape of the forms that open, secure and keep accounts."""

from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from iki_portal.domain.mail import MAIL_CHOICE_WORDS
from iki_portal.web.forms import PortalForm, mandate_field, version_field

_PASSWORD_LENGTH = Length(max=200, message="Paling panjang 200 huruf.")
_CODE_LENGTH = Length(max=40, message="Paling panjang 40 huruf.")


class SignInForm(PortalForm):
    name = StringField(
        "Nama masuk", [InputRequired("Isi nama masuk Anda."), Length(max=80, message="Paling panjang 80 huruf.")]
    )
    password = PasswordField("Sandi", [InputRequired("Isi sandi Anda."), _PASSWORD_LENGTH])
    next = HiddenField()
    #: Fields of a form that met an ended session (web/carried.py), given back after signing in.
    tertunda = HiddenField()


class DemoForm(PortalForm):
    name = StringField("Jabatan", [InputRequired("Pilih salah satu jabatan.")])
    next = HiddenField()
    tertunda = HiddenField()


class ActingForm(PortalForm):
    """By which mandate to act; empty: by all of them."""

    mandate = mandate_field()
    next = HiddenField()


class PasswordForm(PortalForm):
    current = PasswordField("Sandi sekarang", [InputRequired("Isi sandi yang sekarang."), _PASSWORD_LENGTH])
    new = PasswordField("Sandi baru", [InputRequired("Isi sandi baru."), _PASSWORD_LENGTH])
    again = PasswordField(
        "Ulangi sandi baru",
        [InputRequired("Ulangi sandi baru."), EqualTo("new", "Ulangan tidak sama dengan sandi baru.")],
    )
    #: As in `SignInForm`: a first password is changed between signing in and going on.
    next = HiddenField()
    tertunda = HiddenField()


class ActivationForm(PortalForm):
    name = StringField(
        "Nama masuk", [InputRequired("Isi nama masuk dari slip."), Length(max=80, message="Paling panjang 80 huruf.")]
    )
    code = StringField("Kode aktivasi", [InputRequired("Isi kode aktivasi dari slip."), _CODE_LENGTH])
    new = PasswordField("Sandi pilihan Anda", [InputRequired("Isi sandi baru."), _PASSWORD_LENGTH])
    again = PasswordField(
        "Ulangi sandi", [InputRequired("Ulangi sandi baru."), EqualTo("new", "Ulangan tidak sama dengan sandi baru.")]
    )


class CodeForm(PortalForm):
    """The second step, after the password."""

    code = StringField("Kode verifikasi", [InputRequired("Isi kode verifikasi."), _CODE_LENGTH])
    next = HiddenField()
    tertunda = HiddenField()


class SecondStepForm(PortalForm):
    """Turning the second step on: the first code, and the salt of the secret on the page (auth/second_step.py)."""

    salt = HiddenField()
    code = StringField("Kode verifikasi", [InputRequired("Isi kode verifikasi dari ponsel."), _CODE_LENGTH])


class MailForm(PortalForm):
    """Which e-mail one wants."""

    choice = RadioField("Surel", choices=[SelectChoice(value, word) for value, word in MAIL_CHOICE_WORDS.items()])


class OpenAccountForm(PortalForm):
    name = StringField("Nama masuk", [InputRequired("Isi nama masuk."), Length(max=80, message="Paling panjang 80 huruf.")])


class OpenOperatorForm(OpenAccountForm):
    person = StringField(
        "Nama operator", [DataRequired("Isi nama operator."), Length(max=200, message="Paling panjang 200 huruf.")]
    )


class AccountForm(PortalForm):
    """One act of an operator upon an account."""

    version = version_field()
    action = RadioField(choices=["reset", "unlock", "deactivate", "activate", "reset-second-step"])
