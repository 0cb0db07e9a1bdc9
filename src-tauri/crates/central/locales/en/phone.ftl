# The phone pages. { $store } is the name of a store as it stands on its door.

# Frame
direction = ltr
list-gap = { ", " }
service-name = Counter sign-in

# Enter the code
code-title = Enter the code from the display
code-lead = The display at the counter shows eight letters. They are good for five minutes.
code-label = Code
code-go = Continue
code-not-here = Nobody from the store will ask for this code by phone, e-mail or message.

# Wrong code
wrong-title = This code is not known
wrong-lead = Compare it with the display letter by letter. A code that has run out has been replaced by a new one.
wrong-too-many = Those were too many attempts. Wait ten minutes, or scan the code on the display instead.

# Sign in
sign-in-title = Sign in
sign-in-lead = To share your profile with { $store }.
sign-in-lead-web = To continue to { $client }.
sign-in-code = The display shows this code:
sign-in-email = E-mail
sign-in-password = Password
sign-in-go = Sign in
sign-in-new = New here?
sign-in-register = Make an account
sign-in-refuse = I am not at this counter
sign-in-wrong = This e-mail and password do not fit together.
sign-in-too-many = Those were too many attempts. Wait ten minutes before the next one.
demo-title = Demo
demo-lead = A made-up store with made-up customers. Sign in with:

# Make an account
register-title = Make an account
register-lead = Two fields are all it takes.
register-password-hint = At least 8 characters.
register-go = Make an account
register-known = You have an account already?
register-sign-in = Sign in
register-email-wrong = Please check the e-mail address.
register-password-wrong = The password needs at least 8 characters, and at most 256.

# Consent
consent-title = Share your profile with this counter?
consent-title-staff = Sign in at this till?
consent-code = Does the display show the same code?
consent-sees = { $store } will see
scope-name = your name and language
scope-email = your e-mail address
scope-phone = your phone number
scope-customer = your membership, preferences, consents and history in web shop, app, stores and social networks
scope-customers-read = the customers of this retailer, because you work here
consent-how-long = For how long?
visit-title = Just this visit
visit-text = Until the visit ends, one hour at most. The till keeps nothing.
store-title = Remember me here
store-text = Your name, contact details, preferences, history and membership, encrypted on the tills of { $store } until { $date }.
some-title = Choose what
some-text = Until { $date } too. Your name is always part of it, so that you can be found.
store-end = You can end it at any time: here, at the counter, or by “Just this visit” next time.
keep-contact = Contact details
keep-contact-text = E-mail, phone number, birthday and linked accounts
keep-preferences = Preferences
keep-preferences-text = What you like, and what you agreed to
keep-activity = History
keep-activity-text = What you bought, returned, looked at and wrote
keep-loyalty = Membership
keep-loyalty-text = Number, level, points, and since when
part-name = your name
part-contact = contact details
part-preferences = preferences
part-activity = history
part-loyalty = membership
consent-warning = Not at this counter, or did somebody send you this page? Then say no.
consent-no = No
consent-yes = Yes, share
consent-yes-staff = Yes, sign me in
consent-as = Signed in as
consent-other = Not you?
consent-how-long-staff = Until you lock the till, one hour at most.

# Ends
done-title = Done
done-show = Show this to the associate
done-compare = The till shows the same two characters. If it does not, say so.
done-visit = { $store } sees your profile until the visit ends.
done-store = { $store } remembers you until { $date }: { $parts }.
done-staff = You are signed in at this till.
done-close = You can close this page.
done-not-me = This was not me
done-not-me-text = Ends the till’s access to your profile at once.
denied-title = You said no
denied-lead = { $store } has seen nothing of you. Nothing was kept.
denied-again = If that was a mistake, ask the associate for a new code.
ended-title = The visit has ended
ended-lead = { $store } no longer has access to your profile. If somebody else did this, tell the associate.
expired-title = This code has run out
expired-lead = Codes are good for five minutes, so that nobody else can use them later. Nothing was shared.
expired-again = Ask the associate for a new code, and scan it.
used-title = This code was used already
used-lead = Each code works once. If it was not you who used it, tell the associate now.
used-again = For another sign-in, scan the new code on the display.
code-again = Enter a code

# Problems
problem-form-title = This page is out of date
problem-form-lead = It was opened too long ago, or in another browser. Nothing was shared. Scan the code on the display once more.
problem-request-title = This sign-in cannot go on
problem-request-lead = The website that sent you here asked for something it may not ask for. Nothing was shared.
problem-address-title = There is no such page
problem-address-lead = The address is incomplete, or was typed wrong. Nothing was shared.
problem-address-again = For a sign-in at a counter, scan the code on its display.
problem-service-title = Something went wrong here
problem-service-lead = It is not your fault, and nothing was shared. Please try again in a moment.

# What they agreed to
sign-in-lead-own = To see what you agreed to.
done-receipt = Receipt
agreements-title = What you agreed to
agreements-none = No store remembers you.
agreements-here = These stores remember you
agreements-until = Until { $date }: { $parts }.
agreements-forget = Forget me there
agreements-log = All you agreed to, or took back
agreements-given = Agreed
agreements-taken-back = Taken back
receipt-title = Receipt
receipt-lead = What was agreed to, when and how. It is kept here for you.
receipt-number = Number
receipt-who = For
receipt-purpose = What for
receipt-state = What was said
receipt-how = How
receipt-parts = What is kept
receipt-not-parts = What is not kept
receipt-until = Until
receipt-wording = Version of the wording
receipt-end = How to end it
receipt-end-text = On the page “What you agreed to”, at the counter, or by “Just this visit” next time.
receipt-download = Download as JSON
purpose-remember = Be remembered at the store
purpose-email = News by e-mail
purpose-sms = News by text message
purpose-personal = Personal suggestions
purpose-ads = Matching with ad networks
purpose-other = Another purpose
channel-web = Web shop or this page
channel-app = App
channel-store = Store
channel-social = Social network
channel-other = Elsewhere
by-customer = by yourself
by-associate = by an associate, for you
by-other = by somebody else

date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
