# Die Seiten auf dem Telefon. { $store } ist der Name des Geschäfts, wie er an der Tür steht.

# Rahmen
direction = ltr
list-gap = { ", " }
service-name = Anmeldung an der Kasse

# Code eingeben
code-title = Code vom Display eingeben
code-lead = Das Display an der Kasse zeigt acht Buchstaben. Sie gelten fünf Minuten.
code-label = Code
code-go = Weiter
code-not-here = Niemand aus dem Geschäft fragt am Telefon, per E-Mail oder Nachricht nach diesem Code.

# Falscher Code
wrong-title = Dieser Code ist nicht bekannt
wrong-lead = Vergleichen Sie ihn Buchstabe für Buchstabe mit dem Display. Ein abgelaufener Code ist durch einen neuen ersetzt.
wrong-too-many = Das waren zu viele Versuche. Warten Sie zehn Minuten, oder scannen Sie den Code auf dem Display.

# Anmelden
sign-in-title = Anmelden
sign-in-lead = Um Ihr Profil mit { $store } zu teilen.
sign-in-lead-web = Weiter zu { $client }.
sign-in-code = Das Display zeigt diesen Code:
sign-in-email = E-Mail
sign-in-password = Passwort
sign-in-go = Anmelden
sign-in-new = Neu hier?
sign-in-register = Konto anlegen
sign-in-refuse = Ich stehe nicht an dieser Kasse
sign-in-wrong = E-Mail und Passwort passen nicht zusammen.
sign-in-too-many = Das waren zu viele Versuche. Warten Sie zehn Minuten bis zum nächsten.
demo-title = Demo
demo-lead = Ein erfundenes Geschäft mit erfundenen Personen. Melden Sie sich an mit:

# Konto anlegen
register-title = Konto anlegen
register-lead = Zwei Felder genügen.
register-password-hint = Mindestens 8 Zeichen.
register-go = Konto anlegen
register-known = Sie haben schon ein Konto?
register-sign-in = Anmelden
register-email-wrong = Bitte prüfen Sie die E-Mail-Adresse.
register-password-wrong = Das Passwort braucht mindestens 8 und höchstens 256 Zeichen.

# Einwilligung
consent-title = Ihr Profil mit dieser Kasse teilen?
consent-title-staff = An dieser Kasse anmelden?
consent-code = Zeigt das Display denselben Code?
consent-sees = { $store } sieht dann
scope-name = Ihren Namen und Ihre Sprache
scope-email = Ihre E-Mail-Adresse
scope-phone = Ihre Telefonnummer
scope-customer = Ihre Mitgliedschaft, Vorlieben, Einwilligungen und Ihren Verlauf in Webshop, App, Geschäften und sozialen Netzwerken
scope-customers-read = die Kundinnen und Kunden dieses Geschäfts, weil Sie hier arbeiten
consent-how-long = Wie lange?
visit-title = Nur für diesen Besuch
visit-text = Bis der Besuch endet, höchstens eine Stunde. Die Kasse behält nichts.
store-title = Hier wiedererkennen
store-text = Name, Kontaktdaten, Vorlieben, Verlauf und Mitgliedschaft, verschlüsselt auf den Kassen von { $store } bis zum { $date }.
some-title = Auswählen, was
some-text = Ebenfalls bis zum { $date }. Ihr Name gehört immer dazu, damit man Sie findet.
store-end = Sie können es jederzeit beenden: hier, an der Kasse oder beim nächsten Mal mit „Nur für diesen Besuch“.
keep-contact = Kontaktdaten
keep-contact-text = E-Mail, Telefonnummer, Geburtstag und verknüpfte Konten
keep-preferences = Vorlieben
keep-preferences-text = Was Sie mögen und wozu Sie zugestimmt haben
keep-activity = Verlauf
keep-activity-text = Was Sie gekauft, zurückgegeben, angesehen und geschrieben haben
keep-loyalty = Mitgliedschaft
keep-loyalty-text = Nummer, Stufe, Punkte und seit wann
part-name = Ihr Name
part-contact = Kontaktdaten
part-preferences = Vorlieben
part-activity = Verlauf
part-loyalty = Mitgliedschaft
consent-warning = Sie stehen nicht an dieser Kasse, oder jemand hat Ihnen diese Seite geschickt? Dann sagen Sie Nein.
consent-no = Nein
consent-yes = Ja, teilen
consent-yes-staff = Ja, anmelden
consent-as = Angemeldet als
consent-other = Nicht Sie?
consent-how-long-staff = Bis Sie die Kasse sperren, höchstens eine Stunde.

# Ende
done-title = Fertig
done-show = Zeigen Sie das an der Kasse
done-compare = Die Kasse zeigt dieselben zwei Zeichen. Wenn nicht, sagen Sie es.
done-visit = { $store } sieht Ihr Profil, bis der Besuch endet.
done-store = { $store } erkennt Sie bis zum { $date } wieder: { $parts }.
done-staff = Sie sind an dieser Kasse angemeldet.
done-close = Sie können diese Seite schließen.
done-not-me = Das war nicht ich
done-not-me-text = Beendet den Zugriff der Kasse auf Ihr Profil sofort.
denied-title = Sie haben Nein gesagt
denied-lead = { $store } hat nichts von Ihnen gesehen. Nichts wurde behalten.
denied-again = Falls das ein Versehen war, lassen Sie sich einen neuen Code geben.
ended-title = Der Besuch ist beendet
ended-lead = { $store } hat keinen Zugriff auf Ihr Profil mehr. Wenn das jemand anderes war, sagen Sie es an der Kasse.
expired-title = Dieser Code ist abgelaufen
expired-lead = Codes gelten fünf Minuten, damit niemand sonst sie später benutzen kann. Nichts wurde geteilt.
expired-again = Lassen Sie sich einen neuen Code geben und scannen Sie ihn.
used-title = Dieser Code wurde schon benutzt
used-lead = Jeder Code gilt einmal. Wenn nicht Sie ihn benutzt haben, sagen Sie es jetzt an der Kasse.
used-again = Für eine neue Anmeldung scannen Sie den neuen Code auf dem Display.
code-again = Einen Code eingeben

# Störungen
problem-form-title = Diese Seite ist veraltet
problem-form-lead = Sie wurde vor zu langer Zeit geöffnet oder in einem anderen Browser. Nichts wurde geteilt. Scannen Sie den Code auf dem Display noch einmal.
problem-request-title = Diese Anmeldung geht nicht weiter
problem-request-lead = Die Website, von der Sie kommen, hat um etwas gebeten, das ihr nicht zusteht. Nichts wurde geteilt.
problem-address-title = Diese Seite gibt es nicht
problem-address-lead = Die Adresse ist unvollständig oder vertippt. Nichts wurde geteilt.
problem-address-again = Zum Anmelden an einer Kasse scannen Sie den Code auf ihrem Display.
problem-service-title = Hier ist etwas schiefgegangen
problem-service-lead = Es liegt nicht an Ihnen, und nichts wurde geteilt. Bitte versuchen Sie es gleich noch einmal.

# What they agreed to
sign-in-lead-own = Um zu sehen, wozu Sie zugestimmt haben.
done-receipt = Beleg
agreements-title = Wozu Sie zugestimmt haben
agreements-none = Kein Geschäft erkennt Sie wieder.
agreements-here = Diese Geschäfte erkennen Sie wieder
agreements-until = Bis { $date }: { $parts }.
agreements-forget = Dort vergessen
agreements-log = Alles, wozu Sie zugestimmt oder was Sie widerrufen haben
agreements-given = Zugestimmt
agreements-taken-back = Widerrufen
receipt-title = Beleg
receipt-lead = Wozu zugestimmt wurde, wann und wie. Er bleibt hier für Sie aufbewahrt.
receipt-number = Nummer
receipt-who = Für
receipt-purpose = Wofür
receipt-state = Was gesagt wurde
receipt-how = Wie
receipt-parts = Was gespeichert wird
receipt-not-parts = Was nicht gespeichert wird
receipt-until = Bis
receipt-wording = Fassung des Wortlauts
receipt-end = Wie Sie es beenden
receipt-end-text = Auf der Seite „Wozu Sie zugestimmt haben“, an der Kasse oder beim nächsten Mal mit „Nur für diesen Besuch“.
receipt-download = Als JSON herunterladen
purpose-remember = Im Geschäft wiedererkannt werden
purpose-email = Neuigkeiten per E-Mail
purpose-sms = Neuigkeiten per SMS
purpose-personal = Persönliche Vorschläge
purpose-ads = Abgleich mit Werbenetzen
purpose-other = Ein anderer Zweck
channel-web = Webshop oder diese Seite
channel-app = App
channel-store = Geschäft
channel-social = Soziales Netz
channel-other = Anderswo
by-customer = durch Sie selbst
by-associate = durch Personal, für Sie
by-other = durch jemand anderen

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
