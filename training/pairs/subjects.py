"""What invented ideas are about, in Dutch and English: the material of `training.pairs.writing`.

A subject is a thing under several names, why it is wanted in several wordings, and what that brings in several
wordings. All wordings of a line mean the same, so whatever is written of one subject with one wish is one idea.
Lines: names | why | what it brings, each divided by slashes. Everything here was invented for this project.
"""

DUTCH = """
een extra printer/een tweede printer/nog een afdrukapparaat | iedereen loopt nu drie trappen af om iets af te drukken/wie iets wil printen, moet helemaal naar beneden/er is op onze etage geen enkel apparaat om mee af te drukken | dat scheelt elke dag veel lopen/zo verliezen we minder tijd
een overdekte fietsenstalling/een fietsenhok met dak/een afdak voor de fietsen | de fietsen staan in de regen en roesten weg/wie op de fiets komt, vindt 's middags een nat zadel/onze rijwielen worden kletsnat als het giet | dan komen meer collega's op de fiets/fietsen naar het werk wordt zo aantrekkelijker
een laadpaal voor elektrische auto's/een oplaadpunt voor stekkerauto's/een plek om elektrisch te laden | steeds meer mensen rijden elektrisch en kunnen nergens terecht/mijn auto staat hier de hele dag leeg te zijn/bezoekers vragen voortdurend waar ze hun wagen kunnen opladen | dat past bij onze plannen voor het klimaat/zo maken we elektrisch rijden makkelijker
een koffieautomaat/een apparaat voor koffie en thee/een koffiemachine | in de pauze staat er een lange rij/je wacht nu een kwartier op een kop koffie/de enige machine is de helft van de tijd kapot | zo duurt de pauze niet langer dan nodig/dan houden we tijd over om even bij te praten
een watertappunt/een kraan met drinkwater/een tap voor koud water | we gooien elke week honderden flesjes weg/iedereen neemt nu plastic flessen mee/er is nergens vers water te krijgen | dat scheelt een berg plastic/zo hebben we veel minder afval
een stilteruimte/een plek om geconcentreerd te werken/een kamer waar niemand praat | op de open afdeling hoor je elk telefoongesprek/door het lawaai kan ik mijn hoofd er niet bij houden/wie een rapport schrijft, wordt om de vijf minuten gestoord | we maken dan minder fouten/het werk gaat zo sneller en beter
een heftruck op stroom/een elektrische heftruck/een vorkheftruck met accu | de oude diesel stinkt en maakt herrie/de uitlaatgassen blijven binnen hangen/van de rook krijgen mensen hoofdpijn | de lucht wordt er schoner van/dat is gezonder voor wie daar werkt
een digitaal verlofformulier/een manier om online vrij te vragen/een app om vakantiedagen op te geven | papieren briefjes raken zoek op het bureau van de chef/je weet nooit of je aanvraag al is gezien/soms hoor je pas na weken of je vrij krijgt | iedereen weet dan meteen waar hij aan toe is/het planbureau heeft er ook minder werk aan
een defibrillator/een AED/een apparaat tegen hartstilstand | de dichtstbijzijnde hangt tien minuten lopen verderop/bij een noodgeval zijn we nu te laat/vorige zomer moesten we op de ambulance wachten | het kan een leven redden/elke minuut telt als iemands hart stilstaat
ledverlichting/zuinige lampen/lampen die weinig stroom gebruiken | de oude buizen knipperen en vreten energie/er branden nog steeds tl-buizen van twintig jaar oud/om de haverklap is er weer een lamp stuk | de stroomrekening gaat omlaag/we besparen er veel geld mee
een bewegingsmelder voor het licht/een sensor die de lampen uitdoet/verlichting die vanzelf uitgaat | 's nachts brandt alles terwijl er niemand is/niemand denkt eraan de knop om te zetten/bij het sluiten blijft het licht vaak aan | dat spaart stroom zonder dat iemand er iets voor hoeft te doen/zo verspillen we geen energie
een inwerkprogramma voor nieuwe collega's/een goede introductie van nieuwkomers/een vaste eerste week voor wie begint | wie hier start, moet alles zelf uitzoeken/ik wist na een maand nog niet waar het archief was/nieuwe mensen dwalen de eerste dagen rond zonder begeleiding | mensen voelen zich sneller thuis/ze zijn eerder aan de slag
een lijst met telefoonnummers/een overzicht van wie waarover gaat/een gids van alle afdelingen | klanten worden vier keer doorverbonden/aan de balie weten we niet wie we moeten bellen/je zoekt je suf naar de juiste persoon | bellers krijgen sneller antwoord/zo helpen we mensen in één keer goed
een vegetarisch gerecht/een maaltijd zonder vlees/een warme schotel met groente | er is alleen soep met ballen en kroketten/wie geen vlees eet, heeft weinig keus/de vegetariërs nemen al jaren brood van huis mee | dan kan iedereen mee-eten/het is ook nog eens gezonder
een scherm met de planning/een bord waarop het rooster staat/een monitor met de diensten | iedereen belt de teamleider om te horen wanneer hij werkt/de briefjes aan de muur kloppen nooit/wijzigingen hoor je pas als je al op weg bent | zo komt niemand meer voor niets/er zijn dan minder misverstanden
een veilig oversteekpad/een zebrapad/een plek waar voetgangers kunnen oversteken | vrachtwagens rijden rakelings langs je heen/je moet hier rennen voor je leven/chauffeurs zien voetgangers pas op het laatste moment | zo voorkomen we een ernstig ongeluk/het wordt een stuk veiliger
een gereedschapsbord/een wand met vaste plekken voor gereedschap/een paneel waar elk stuk gereedschap zijn haak heeft | de helft van de ochtend zoek je naar een sleutel/niemand legt de boor terug waar hij hoort/tangen verdwijnen en worden steeds opnieuw gekocht | je ziet dan meteen wat er mist/we hoeven minder nieuw te kopen
een cursus eerste hulp/een training in EHBO/een opleiding tot hulpverlener | bijna niemand weet wat hij moet doen als er iemand valt/van de drie hulpverleners zijn er twee met pensioen/na het ongeval stond iedereen erbij te kijken | dan is er altijd iemand die kan helpen/we zijn beter voorbereid op een ongeluk
een handleiding in het Pools/uitleg in de eigen taal van Poolse collega's/een Poolse vertaling van de instructies | veel uitzendkrachten kunnen de borden niet lezen/de instructies staan alleen in het Nederlands/men gokt nu waar een knop voor dient | er gebeuren minder fouten met de machine/iedereen werkt zo even veilig
een regenton/een tank voor regenwater/een vat om water van het dak op te vangen | we sproeien de planten met kraanwater/al dat water van het dak loopt zo het riool in/de tuin wordt begoten met duur drinkwater | dat is beter voor het milieu en de rekening/de natuur vaart er wel bij
een prullenbak voor plastic/bakken om afval te scheiden/een aparte container voor verpakkingen | karton en folie verdwijnen samen in één zak/alles gaat hier op één hoop/wij scheiden thuis wel en hier niets | het kan dan opnieuw worden gebruikt/we betalen minder om het op te laten halen
een zit-stabureau/een bureau dat omhoog kan/een tafel waaraan je ook staand kunt werken | van de hele dag zitten krijg ik rugpijn/meerdere mensen zitten thuis met een pijnlijke rug/de bureaus zijn niet te verstellen | er zijn dan minder zieken/het is beter voor ons lichaam
een spreekuur van de bedrijfsarts/een vast uur waarop de arts er is/een inloopmoment bij de dokter van de zaak | je moet nu drie weken wachten op een afspraak/mensen blijven te lang met klachten rondlopen/voor een korte vraag moet je vrij nemen | zo voorkomen we dat mensen lang uitvallen/klachten worden eerder ontdekt
een alarm op de koelcel/een melder bij te hoge temperatuur/een sensor die waarschuwt als de koeling uitvalt | de deur stond een nacht open zonder dat iemand het merkte/vorige maand is een hele partij bedorven/we merken het pas 's ochtends als alles ontdooid is | er hoeft dan niets meer te worden weggegooid/zo blijft de voorraad goed
een gezamenlijke agenda/een kalender voor het hele team/een overzicht van alle afspraken | afspraken worden dubbel geboekt/niemand weet wie wanneer aanwezig is/twee teams staan op hetzelfde uur voor dezelfde zaal | we lopen elkaar minder in de weg/het overleg verloopt soepeler
"""

ENGLISH = """
a second printer/an extra printer/another machine to print on | everybody walks down three flights of stairs to print a page/there is nothing to print on where we sit/whoever prints has to go all the way down | that saves a lot of walking/we would lose less time
a covered bicycle shed/a bike shelter/a roof over the cycle racks | the bikes get soaked and go rusty/people who cycle find a wet saddle in the afternoon/our bicycles stand out in the rain | more of us would cycle to work/it makes coming by bike attractive
a charging point for electric cars/a charger for electric vehicles/a place to plug in our cars | more and more of us drive electric and have nowhere to go/my battery is empty by the time I leave/visitors keep asking where they can charge | it fits our plans for the climate/it makes driving electric easier
a coffee machine/something that makes coffee and tea/a machine for hot drinks | there is a long queue in every break/you wait a quarter of an hour for a cup/the only one we have is broken half the time | breaks would be no longer than needed/that leaves time for a chat
a water fountain/a tap for drinking water/somewhere to fill a bottle | we throw away hundreds of bottles a week/everybody brings plastic bottles from home/fresh water is nowhere to be had | it would save a mountain of plastic/there would be far less waste
a quiet room/a place to concentrate/a space where nobody talks | in the open office you hear every phone call/with all this noise I cannot keep my mind on anything/anyone writing a report is disturbed every five minutes | we would make fewer mistakes/work would be faster and better
an electric forklift/a forklift truck that runs on batteries/a battery powered lift truck | the old diesel stinks and roars/the fumes hang about indoors/people get headaches from the exhaust | the air would be cleaner/it is healthier for those who work there
an online leave form/a way to ask for holidays on the computer/an app to request days off | paper slips get lost on the manager's desk/you never know whether anybody saw your request/it can take weeks to hear whether you may go | everyone knows at once where they stand/planners would have less work too
a defibrillator/an AED/a device to restart a heart | the nearest one is ten minutes away/in an emergency we would be too late/last summer we had to wait for the ambulance | it may save a life/every minute counts when a heart stops
LED lighting/energy saving lamps/lights that use little power | the old tubes flicker and eat electricity/there are still fluorescent tubes from twenty years ago/there is always a lamp that has gone | the power bill would go down/we would save a lot of money
motion sensors for the lights/a sensor that switches lamps off/lights that go out by themselves | at night everything burns while nobody is there/nobody remembers to flip the switch/the lights stay on after closing | it saves power without anyone having to think of it/we would waste no energy
an induction programme for new staff/a proper introduction for newcomers/a fixed first week for those who start | whoever starts here has to find out everything alone/after a month I still did not know where the archive was/new people wander about without guidance | people would feel at home sooner/they would be up and running earlier
a list of phone numbers/an overview of who does what/a directory of all departments | customers are put through four times/at the desk we do not know whom to call/you search for ages for the right person | callers would get an answer sooner/we would help people in one go
a vegetarian dish/a meal without meat/a hot plate of vegetables | there is nothing but burgers and sausages/those who eat no meat have little choice/vegetarians have been bringing sandwiches for years | then everybody can join in/it is healthier as well
a screen with the roster/a board that shows the shifts/a monitor with the planning | everybody rings the team leader to hear when they work/the slips on the wall are never right/you hear of changes when you are already on your way | nobody would come in for nothing/there would be fewer misunderstandings
a safe crossing/a zebra crossing/a place where people on foot can cross | lorries pass within inches of you/you have to run for your life/drivers see you at the very last moment | we would prevent a serious accident/it would be a great deal safer
a tool board/a wall with a fixed place for every tool/a panel with a hook for each tool | half the morning goes into looking for a spanner/nobody puts the drill back where it belongs/pliers vanish and are bought again | you would see at once what is missing/we would have to buy less
a first aid course/training in first aid/lessons in helping the injured | hardly anyone knows what to do when somebody falls/two of our three first aiders have retired/after the accident everyone just stood there | there would always be someone who can help/we would be better prepared for an accident
a manual in Polish/instructions in the language of our Polish colleagues/a Polish translation of the instructions | many temps cannot read the signs/everything is explained in English alone/people guess what a button is for | there would be fewer mistakes with the machine/everyone would work equally safely
a rain barrel/a tank for rain water/a vessel that catches water from the roof | we water the plants from the tap/all the water from the roof runs into the sewer/the garden gets expensive drinking water | it is better for the environment and for the bill/nature would gain from it
a bin for plastic/containers to separate waste/a separate skip for packaging | cardboard and foil go into one bag/everything ends up on one heap/we sort it at home and here we do not | it could be used again/we would pay less to have it collected
a standing desk/a desk that can be raised/a table at which you can work standing | sitting all day gives me a bad back/several people are at home with back pain/the desks cannot be adjusted | fewer people would be ill/it is better for our bodies
a surgery hour of the company doctor/a fixed hour when the doctor is in/a walk-in clinic at work | you wait three weeks for an appointment/people walk around with complaints for too long/you have to take a day off for a short question | people would be away for less time/complaints would be found earlier
an alarm on the cold store/a detector for high temperatures/a sensor that warns when cooling fails | the door stood open all night and nobody noticed/last month a whole batch went bad/we find out in the morning when everything has thawed | nothing would have to be thrown away/the stock would stay fresh
a shared calendar/one diary for the whole team/an overview of all appointments | meetings are booked twice/nobody knows who is in on which day/two teams turn up for the same room at the same hour | we would be less in each other's way/meetings would run more smoothly
"""

PLACES = {
    "nl": "Almelo/Breda/Delft/Emmen/Gouda/Heerlen/Venlo/Zwolle/gebouw Noord/gebouw Zuid/de kantine/het magazijn/"
    "de werkplaats/de receptie/de loods/het laboratorium/de parkeergarage/de eerste verdieping/de vierde verdieping/"
    "de kelder/het hoofdkantoor/de vestiging in Assen/de wasserij/het distributiecentrum/afdeling Inkoop",
    "en": "Leeds/Bristol/York/Cardiff/Exeter/Norwich/the north building/the south building/the canteen/the warehouse/"
    "the workshop/the reception/the depot/the laboratory/the car park/the first floor/the fourth floor/the basement/"
    "head office/the Aberdeen branch/the laundry/the distribution centre/Purchasing",
}

# The same wish in several wordings; {} is the thing, {place} where. What is in one line is one wish.
WISHES = {
    "nl": """
zet {} in {place}/kan er {} komen in {place}?/graag {} voor {place}/ik zou graag zien dat er {} komt in {place}/er moet {} komen in {place}/in {place} missen we {}
haal {} weg uit {place}/{} in {place} mag van mij verdwijnen/doe {} in {place} weg/laten we in {place} stoppen met {}
repareer {} in {place}/{} in {place} is stuk, kan iemand dat maken?/laat {} in {place} nakijken, het werkt niet meer goed
leg collega's uit hoe {} in {place} werkt/geef uitleg over {} in {place}/niemand weet hoe {} in {place} bedoeld is: maak er een instructie voor
laat gasten {} in {place} ook gebruiken/stel {} in {place} open voor bezoekers/ook bezoekers zouden {} in {place} mogen gebruiken
""",
    "en": """
put {} in {place}/could we have {} in {place}?/please arrange {} for {place}/I would like to see {} in {place}/there should be {} in {place}/what we lack in {place} is {}
take {} away from {place}/{} in {place} may go as far as I am concerned/get rid of {} in {place}/let us do without {} in {place}
repair {} in {place}/{} in {place} is broken, can somebody mend it?/have {} in {place} looked at, it no longer works properly
explain to colleagues how {} in {place} works/give instructions for {} in {place}/nobody knows what {} in {place} is for: write a guide
let guests use {} in {place} as well/open {} in {place} to visitors/visitors should be able to use {} in {place} too
""",
}

# Said by many, about anything: sharing it means nothing.
FILLERS = {
    "nl": """
Hallo, ik heb een idee.
Beste collega's,
Goedemorgen allemaal,
Dit is al vaker besproken in ons team.
Ik weet niet of dit de juiste plek is om het te vragen.
Volgens mij hoeft het niet veel te kosten.
Bij mijn vorige werkgever werkte dit heel goed.
Ik help graag mee als dat nodig is.
Meerdere mensen op de afdeling vinden hetzelfde.
Kunnen jullie laten weten wat ermee gebeurt?
Alvast bedankt!
Met vriendelijke groet
Misschien kunnen we klein beginnen en na een half jaar kijken hoe het bevalt.
De leverancier wil vast een goede prijs maken.
Het zou fijn zijn als dit nog voor de zomer lukt.
Er is geld voor over van vorig jaar, heb ik gehoord.
""",
    "en": """
Hello, I have an idea.
Dear colleagues,
Good morning everyone,
We have talked about this in our team before.
I am not sure whether this is the right place to ask.
It need not cost much, I think.
Where I worked before this went very well.
I am happy to lend a hand if needed.
Several people in the department feel the same.
Could you let us know what happens with this?
Thanks in advance!
Kind regards
Perhaps we can start small and see after six months how it goes.
The supplier will surely give us a good price.
It would be great if this could be done before the summer.
There is some money left from last year, I was told.
""",
}

# Forms that people fill in: what stands around the answers is the same for everyone.
FORMS = {
    "nl": """
Probleem: {why}. Voorstel: {wish}. Opbrengst: {gain}. Ingediend via het formulier Beter Werken, graag een reactie binnen vier weken.
1. Wat gaat er nu niet goed? {why}. 2. Wat stel je voor? {wish}. 3. Wat levert het op? {gain}. 4. Wie moet erover beslissen? Weet ik niet.
Afdeling: {place}. Wens: {wish}. Reden: {why}. Verwachte kosten: onbekend. Verwachte besparing: {gain}.
""",
    "en": """
Problem: {why}. Proposal: {wish}. Result: {gain}. Sent with the form Working Better, please answer within four weeks.
1. What goes wrong now? {why}. 2. What do you propose? {wish}. 3. What will it bring? {gain}. 4. Who should decide on this? I do not know.
Department: {place}. Wish: {wish}. Reason: {why}. Expected costs: unknown. Expected savings: {gain}.
""",
}
