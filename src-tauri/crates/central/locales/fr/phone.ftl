# Les pages sur le téléphone. { $store } est le nom du magasin tel qu'il figure sur sa porte.

# Cadre
direction = ltr
list-gap = { ", " }
service-name = Identification en caisse

# Saisir le code
code-title = Saisissez le code de l’écran
code-lead = L’écran de la caisse affiche huit lettres, valables cinq minutes.
code-label = Code
code-go = Continuer
code-not-here = Personne du magasin ne demande ce code par téléphone, e-mail ou message.

# Code faux
wrong-title = Ce code n’est pas connu
wrong-lead = Comparez-le avec l’écran, lettre par lettre. Un code périmé a été remplacé par un nouveau.
wrong-too-many = Trop d’essais. Attendez dix minutes, ou scannez le code sur l’écran.

# Se connecter
sign-in-title = Se connecter
sign-in-lead = Pour partager votre profil avec { $store }.
sign-in-lead-web = Pour continuer vers { $client }.
sign-in-code = L’écran affiche ce code :
sign-in-email = E-mail
sign-in-password = Mot de passe
sign-in-go = Se connecter
sign-in-new = Première visite ?
sign-in-register = Créer un compte
sign-in-refuse = Je ne suis pas à cette caisse
sign-in-wrong = Cet e-mail et ce mot de passe ne vont pas ensemble.
sign-in-too-many = Trop d’essais. Attendez dix minutes avant le prochain.
demo-title = Démo
demo-lead = Un magasin inventé avec des clients inventés. Connectez-vous avec :

# Créer un compte
register-title = Créer un compte
register-lead = Deux champs suffisent.
register-password-hint = Au moins 8 caractères.
register-go = Créer un compte
register-known = Vous avez déjà un compte ?
register-sign-in = Se connecter
register-email-wrong = Vérifiez l’adresse e-mail.
register-password-wrong = Le mot de passe doit avoir de 8 à 256 caractères.

# Accord
consent-title = Partager votre profil avec cette caisse ?
consent-title-staff = Ouvrir une session sur cette caisse ?
consent-code = L’écran affiche-t-il le même code ?
consent-sees = { $store } verra
scope-name = votre nom et votre langue
scope-email = votre adresse e-mail
scope-phone = votre numéro de téléphone
scope-customer = votre fidélité, vos préférences, vos accords et votre historique (site, appli, magasins, réseaux sociaux)
scope-customers-read = les clients de cette enseigne, puisque vous y travaillez
consent-how-long = Pour combien de temps ?
visit-title = Seulement cette visite
visit-text = Jusqu’à la fin de la visite, une heure au plus. La caisse ne garde rien.
store-title = Me reconnaître ici
store-text = Vos nom, coordonnées, préférences, historique et carte de fidélité, chiffrés sur les caisses de { $store } jusqu’au { $date }.
some-title = Choisir quoi
some-text = Également jusqu’au { $date }. Votre nom en fait toujours partie, pour que l’on vous retrouve.
store-end = Vous pouvez y mettre fin à tout moment : ici, en caisse, ou avec « Seulement cette visite » la prochaine fois.
keep-contact = Coordonnées
keep-contact-text = E-mail, numéro de téléphone, anniversaire et comptes liés
keep-preferences = Préférences
keep-preferences-text = Ce que vous aimez et ce que vous avez accepté
keep-activity = Historique
keep-activity-text = Ce que vous avez acheté, rendu, consulté et écrit
keep-loyalty = Fidélité
keep-loyalty-text = Numéro, niveau, points et ancienneté
part-name = votre nom
part-contact = coordonnées
part-preferences = préférences
part-activity = historique
part-loyalty = fidélité
consent-warning = Vous n’êtes pas à cette caisse, ou on vous a envoyé cette page ? Alors dites non.
consent-no = Non
consent-yes = Oui, partager
consent-yes-staff = Oui, ouvrir
consent-as = Connecté en tant que
consent-other = Ce n’est pas vous ?
consent-how-long-staff = Jusqu’au verrouillage de la caisse, une heure au plus.

# Fins
done-title = C’est fait
done-show = Montrez ceci en caisse
done-compare = La caisse affiche les deux mêmes caractères. Sinon, dites-le.
done-visit = { $store } voit votre profil jusqu’à la fin de la visite.
done-store = { $store } vous reconnaît jusqu’au { $date } : { $parts }.
done-staff = Vous êtes connecté à cette caisse.
done-close = Vous pouvez fermer cette page.
done-not-me = Ce n’était pas moi
done-not-me-text = Met fin tout de suite à l’accès de la caisse à votre profil.
denied-title = Vous avez dit non
denied-lead = { $store } n’a rien vu de vous. Rien n’a été gardé.
denied-again = Si c’était une erreur, demandez un nouveau code en caisse.
ended-title = La visite est terminée
ended-lead = { $store } n’a plus accès à votre profil. Si c’était quelqu’un d’autre, dites-le en caisse.
expired-title = Ce code est périmé
expired-lead = Un code vaut cinq minutes, pour que personne d’autre ne s’en serve plus tard. Rien n’a été partagé.
expired-again = Demandez un nouveau code en caisse et scannez-le.
used-title = Ce code a déjà servi
used-lead = Chaque code sert une fois. Si ce n’était pas vous, dites-le maintenant en caisse.
used-again = Pour une autre connexion, scannez le nouveau code sur l’écran.
code-again = Saisir un code

# Incidents
problem-form-title = Cette page n’est plus à jour
problem-form-lead = Elle a été ouverte il y a trop longtemps ou dans un autre navigateur. Rien n’a été partagé. Scannez encore une fois le code sur l’écran.
problem-request-title = Cette connexion ne peut pas continuer
problem-request-lead = Le site d’où vous venez a demandé ce qu’il n’a pas le droit de demander. Rien n’a été partagé.
problem-address-title = Cette page n’existe pas
problem-address-lead = L’adresse est incomplète ou mal saisie. Rien n’a été partagé.
problem-address-again = Pour vous identifier en caisse, scannez le code sur son écran.
problem-service-title = Quelque chose n’a pas marché ici
problem-service-lead = Vous n’y êtes pour rien, et rien n’a été partagé. Réessayez dans un instant.

# What they agreed to
sign-in-lead-own = Pour voir ce que vous avez accepté.
done-receipt = Reçu
agreements-title = Ce que vous avez accepté
agreements-none = Aucun magasin ne vous reconnaît.
agreements-here = Ces magasins vous reconnaissent
agreements-until = Jusqu’au { $date } : { $parts }.
agreements-forget = M’y oublier
agreements-log = Tout ce que vous avez accepté ou retiré
agreements-given = Accepté
agreements-taken-back = Retiré
receipt-title = Reçu
receipt-lead = Ce qui a été accepté, quand et comment. Il est conservé ici pour vous.
receipt-number = Numéro
receipt-who = Pour
receipt-purpose = But
receipt-state = Ce qui a été dit
receipt-how = Comment
receipt-parts = Ce qui est conservé
receipt-not-parts = Ce qui n’est pas conservé
receipt-until = Jusqu’au
receipt-wording = Version du texte
receipt-end = Comment y mettre fin
receipt-end-text = Sur la page « Ce que vous avez accepté », en caisse, ou avec « Seulement cette visite » la prochaine fois.
receipt-download = Télécharger en JSON
purpose-remember = Être reconnu en magasin
purpose-email = Nouvelles par e-mail
purpose-sms = Nouvelles par SMS
purpose-personal = Suggestions personnelles
purpose-ads = Rapprochement avec des réseaux publicitaires
purpose-other = Un autre but
channel-web = Boutique en ligne ou cette page
channel-app = Application
channel-store = Magasin
channel-social = Réseau social
channel-other = Ailleurs
by-customer = par vous-même
by-associate = par le personnel, pour vous
by-other = par quelqu’un d’autre

date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
