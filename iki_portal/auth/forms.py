"""Shape of the sign-in and password forms."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from iki_portal.web.forms import PortalForm


class SignInForm(PortalForm):
    name = StringField(
        "Nama masuk", [InputRequired("Isi nama masuk Anda."), Length(max=80, message="Paling panjang 80 huruf.")]
    )
    password = PasswordField("Sandi", [InputRequired("Isi sandi Anda."), Length(max=200, message="Paling panjang 200 huruf.")])
    next = HiddenField()
    #: Fields of a form that met an ended session (web/carried.py), given back after signing in.
    tertunda = HiddenField()


class DemoForm(PortalForm):
    name = StringField("Jabatan", [InputRequired("Pilih salah satu jabatan.")])
    next = HiddenField()
    tertunda = HiddenField()


class PasswordForm(PortalForm):
    current = PasswordField("Sandi sekarang", [InputRequired("Isi sandi yang sekarang.")])
    new = PasswordField("Sandi baru", [InputRequired("Isi sandi baru."), Length(max=200, message="Paling panjang 200 huruf.")])
    again = PasswordField(
        "Ulangi sandi baru",
        [InputRequired("Ulangi sandi baru."), EqualTo("new", "Ulangan tidak sama dengan sandi baru.")],
    )
    #: As in `SignInForm`: a first password is changed between signing in and going on.
    next = HiddenField()
    tertunda = HiddenField()
